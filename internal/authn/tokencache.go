package authn

import (
	"crypto/sha256"
	"crypto/subtle"

	"github.com/maypok86/otter/v2"

	"github.com/erudika/para-go/internal/token"
)

// maxTokens bounds the tokens that are remembered: about 0.5 KB each.
const maxTokens = 16_384

// tokenCache remembers tokens whose signatures were found right, so that a client who sends the same one again costs no
// parsing and no HMAC. What makes a token hold is looked up for every request all the same: the app, its secret, the user
// and its token secret, and the times. So revoking a token counts at once. A token is known by its hash, which keeps the
// token itself out of memory and the time of a look-up independent of how much of it somebody guessed.
type tokenCache struct {
	tokens *otter.Cache[[sha256.Size]byte, signedToken]
}

// signedToken is what a token claims, and the two parts of the key that its signature was made with.
type signedToken struct {
	appID, subject         string
	appSecret, tokenSecret string
	claims                 token.Claims
}

func newTokenCache() *tokenCache {
	tokens, err := otter.New(&otter.Options[[sha256.Size]byte, signedToken]{MaximumSize: maxTokens})
	if err != nil {
		return nil // the options are right; without a cache every token is checked anew
	}
	return &tokenCache{tokens}
}

func (c *tokenCache) get(compact string) (key [sha256.Size]byte, t signedToken, ok bool) {
	if c == nil {
		return key, t, false
	}
	key = sha256.Sum256([]byte(compact))
	t, ok = c.tokens.GetIfPresent(key)
	return key, t, ok
}

func (c *tokenCache) put(key [sha256.Size]byte, t signedToken) {
	if c != nil {
		c.tokens.Set(key, t)
	}
}

// madeWith says whether the token was signed with a key.
func (t *signedToken) madeWith(appSecret, tokenSecret string) bool {
	return subtle.ConstantTimeCompare([]byte(t.appSecret), []byte(appSecret)) == 1 &&
		subtle.ConstantTimeCompare([]byte(t.tokenSecret), []byte(tokenSecret)) == 1
}
