package rest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/erudika/para-go/client"
)

// A body that announces to be too large is refused before it is sent: without leave to send it, and without being read; so
// are those of who is not known. What is within the limit gets its leave (R 8.2).
func TestAnnouncedBodies(t *testing.T) {
	endpoint, root := startWith(t, "para.max_entity_size_bytes = 2048", "para.security.allow_unverified_emails = true")
	if _, err := newApp(t, endpoint, root, "big").Grant(t.Context(), client.AllSubjects, client.AllResources, client.AllowAll); err != nil {
		t.Fatal(err)
	}
	got := ask(t, "POST", endpoint+"/jwt_auth", passwordBody("big", "ann@example.com:Ann:secret-pass"))
	var session struct {
		JWT struct {
			Token string `json:"access_token"`
		}
	}
	if err := json.Unmarshal([]byte(got.body), &session); err != nil || session.JWT.Token == "" {
		t.Fatal(got)
	}
	user := "Authorization: Bearer " + session.JWT.Token + "\r\n"
	const batch = 2048 * 100
	for _, tt := range []struct {
		name, request string
		length        int64
		status        int
		text          string
	}{
		{"user", "PUT /v1/cat/x HTTP/1.1\r\n" + user, 2049, 400, "Request is too large - the maximum is 2 KB."},
		{"user, batch", "POST /v1/_batch HTTP/1.1\r\n" + user, batch + 1, 400, "Batch request is too large - the maximum total batch size is 200 KB."},
		{"nobody", "POST /v1/cat HTTP/1.1\r\n", 99_000_000_000, 401, ""},
		{"sign-in", "POST /jwt_auth HTTP/1.1\r\n", 2049, 400, "Request is too large - the maximum is 2 KB."},
		{"within", "PUT /v1/cat/x HTTP/1.1\r\n" + user, 2048, 100, ""},
		{"batch within", "POST /v1/_batch HTTP/1.1\r\n" + user, batch, 100, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "%sHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", tt.request, tt.length)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status {
				t.Errorf("status %d", res.StatusCode)
			}
			if tt.status == 100 {
				return
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || !strings.Contains(string(body), tt.text) {
				t.Errorf("%s %v", body, err)
			}
		})
	}
	t.Run("signed", func(t *testing.T) {
		err := root.Do(t.Context(), "PUT", "cat/x", nil, map[string]string{"name": strings.Repeat("x", 4096)}, nil)
		if err == nil || !strings.Contains(err.Error(), "Request is too large - the maximum is 2 KB.") {
			t.Error(err)
		}
	})
}
