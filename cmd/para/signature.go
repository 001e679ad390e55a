package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/internal/sigv4"
)

// signatureFlags are those of debug-signature.
type signatureFlags struct {
	canonical string
	https     bool
}

// debugSignatureCommand explains why a server refuses a signature (A 3.7). It talks to no server.
func debugSignatureCommand(t *tool) *cobra.Command {
	var f signatureFlags
	c := &cobra.Command{
		Use:   "debug-signature [FILE]",
		Short: "Show what a server makes of a signed request, and which part was signed differently",
		Long: `Show what a server makes of a signed request, and which part was signed differently.

FILE, or standard input, holds the request as it is sent: its first line, headers, a blank line and the body; lines of
curl -v ("> GET /v1/cat HTTP/1.1") are understood. It is checked with the secret key of the app. Or it holds lines of a
server's log with "signature explained", which a server writes when its option debug_request_signatures is on.

With --canonical the canonical request that the client computed is compared part by part.`,
		Args: between(0, 1, "at most one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := t.readText(strings.Join(args, ""))
			if err != nil {
				return err
			}
			signed := ""
			if f.canonical != "" {
				if signed, err = t.readText(f.canonical); err != nil {
					return err
				}
			}
			if explanation, ok := explanationInLog(text); ok {
				return t.tellSignature(explanation, signed)
			}
			return t.explainRequest(text, signed, f.https)
		},
	}
	c.Flags().StringVar(&f.canonical, "canonical", "", "file with the canonical request that the client signed")
	c.Flags().BoolVar(&f.https, "https", false, "the request was sent over TLS")
	return c
}

// readText reads a file, or standard input for "" and "-".
func (t *tool) readText(file string) (string, error) {
	in := t.in
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", firstOf(file, "standard input"), err)
	}
	if len(data) > maxInput {
		return "", fmt.Errorf("%s is larger than %d bytes", firstOf(file, "standard input"), maxInput)
	}
	return string(data), nil
}

func (t *tool) explainRequest(text, signed string, https bool) error {
	r, body, err := parseDump(text)
	if err != nil {
		return usageError{fmt.Errorf("this is neither a request nor a server's log: %w", err)}
	}
	who, err := t.credentials()
	if err != nil {
		return err
	}
	auth, err := sigv4.ParseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return fmt.Errorf("%w: the header Authorization: %w", errDiffers, err)
	}
	request, hosts := sigv4.RequestOf(r), sigv4.Hosts(r.Host, https, "")
	if err := sigv4.CheckDate(request.Date, signatureAge, time.Now()); err != nil {
		t.note("Now the server would refuse the request for its date %q: %s.", request.Date, err)
	}
	if auth.AccessKey != who.AccessKey {
		t.note("The request is signed for %s, and checked with the secret key of %s.", auth.AccessKey, who.AccessKey)
	}
	hash := sigv4.HashBody(body)
	var v sigv4.Verifier
	if v.Verify(auth, request, hash, who.SecretKey, hosts) == nil {
		t.done("The signature is valid.")
		return nil
	}
	return t.tellSignature(sigv4.Explain(auth, request, hash, who.SecretKey, hosts).String(), signed)
}

// signatureAge is how old a request may be for servers with the usual options (A 3.2).
const signatureAge = 15 * time.Minute

// errDiffers ends the command when a signature is not the one of the request.
var errDiffers = errors.New("the signature does not fit the request")

// tellSignature prints an explanation, or with the canonical request of the client where the two differ.
func (t *tool) tellSignature(explanation, signed string) error {
	if signed == "" {
		fmt.Fprintln(t.out, explanation)
		return errDiffers
	}
	_, rest, _ := strings.Cut(explanation, "canonical request:\n")
	arrived, _, _ := strings.Cut(rest, "\nstring to sign:")
	differences := sigv4.Differences(arrived, signed)
	for _, d := range differences {
		fmt.Fprintln(t.out, printable(d))
	}
	if len(differences) == 0 {
		fmt.Fprintln(t.out, "The canonical requests are equal: the string to sign, the signing key or the secret differs.")
		fmt.Fprintln(t.out, explanation)
	}
	return errDiffers
}

// parseDump reads a request as it is sent, or as curl -v shows it.
func parseDump(text string) (*http.Request, []byte, error) {
	text = strings.TrimLeft(text, "\r\n")
	if strings.HasPrefix(text, "*") || strings.HasPrefix(text, "> ") {
		text = curlLines(text)
	}
	head, body, found := strings.Cut(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n")
	if found {
		_, body, _ = cutBlankLine(text) // as it was sent, line ends included
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.TrimRight(head, "\n") + "\n\n")))
	if err != nil {
		return nil, nil, err
	}
	if n := int(r.ContentLength); n >= 0 && n < len(body) {
		body = body[:n] // the line end that editors put behind a file is not sent
	}
	r.Header.Set("Host", r.Host)
	return r, []byte(body), nil
}

func cutBlankLine(text string) (head, body string, ok bool) {
	if i := strings.Index(text, "\r\n\r\n"); i >= 0 {
		return text[:i], text[i+4:], true
	}
	return strings.Cut(text, "\n\n")
}

// curlLines are the lines that curl -v marks as sent.
func curlLines(text string) string {
	var b bytes.Buffer
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if rest, ok := strings.CutPrefix(line, ">"); ok {
			b.WriteString(strings.TrimPrefix(rest, " "))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// explanationInLog is the last explanation in lines of a server's log, as text or JSON.
func explanationInLog(text string) (string, bool) {
	found, ok := "", false
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.Contains(line, "signature explained") {
			continue
		}
		for _, mark := range []string{`explanation=`, `"explanation":`} {
			_, rest, cut := strings.Cut(line, mark)
			quoted, err := strconv.QuotedPrefix(rest)
			if !cut || err != nil {
				continue
			}
			if s, err := strconv.Unquote(quoted); err == nil {
				found, ok = s, true
			}
		}
	}
	return found, ok
}
