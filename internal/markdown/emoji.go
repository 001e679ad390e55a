package markdown

import (
	"strings"
	"sync"

	"github.com/yuin/goldmark-emoji/definition"
)

// pictureEmoji have no Unicode character; they are shown as pictures.
const pictureEmoji = " accessibility atom basecamp basecampy bowtie dependabot electron feelsgood finnadie fishsticks " +
	"goberserk godmode hurtrealbad neckbeard octocat rage1 rage2 rage3 rage4 shipit suspect trollface "

var githubEmoji = sync.OnceValue(func() definition.Emojis { return definition.Github() })

// emojiText returns the characters of an emoji, "" for a picture; false when the name is not known.
func emojiText(name string) (string, bool) {
	if e, ok := githubEmoji().Get(name); ok && len(e.Unicode) > 0 {
		// The variation selector asks for the coloured form, which is the default wherever emoji are shown.
		return strings.ReplaceAll(string(e.Unicode), "\ufe0f", ""), true
	}
	return "", strings.Contains(pictureEmoji, " "+name+" ")
}
