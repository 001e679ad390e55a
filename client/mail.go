package client

import "context"

// Mail is a message that SendEmail has the server send (R 25.1).
type Mail struct {
	To         []string
	Subject    string
	From       string // address of the sender
	SenderName string
	Message    string
	HTML       bool   // the message is HTML instead of plain text
	Markdown   bool   // the message is Markdown
	Attachment string // data URI: "data:image/png;base64,…"
}

// SendEmail has the server send a message.
func (c *Client) SendEmail(ctx context.Context, m Mail) error {
	body := map[string]any{"name": m.SenderName, "email": m.From, "toEmails": m.To, "subject": m.Subject, "message": m.Message,
		"plaintextOnly": !m.HTML && !m.Markdown, "markdownEnabled": m.Markdown}
	if m.Attachment != "" {
		body["file"] = m.Attachment
	}
	return c.post(ctx, "_emails", nil, body, nil)
}
