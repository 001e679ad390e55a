package saml

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/beevik/etree"

	samltest "github.com/erudika/para-go/test/saml"
)

// evil returns a copy of an element with another id that speaks of somebody else, without its signature.
func evil(e *etree.Element) *etree.Element {
	c := e.Copy()
	c.CreateAttr("ID", "evil-"+e.SelectAttrValue("ID", ""))
	samltest.RemoveSignature(c)
	becomeAdmin(c)
	return c
}

func object(e *etree.Element) *etree.Element {
	o := etree.NewElement("ds:Object")
	o.CreateAttr("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#")
	o.AddChild(e)
	return o
}

// wrappings are the ways of signature wrapping as they are numbered in the literature, and some more: each gets a sound
// response and returns one that carries the sound signature and speaks of somebody else.
var wrappings = map[string]func(response *etree.Element) *etree.Element{
	"XSW1": func(r *etree.Element) *etree.Element { // the sound response within the signature of the evil one
		e := evil(r)
		signature := samltest.RemoveSignature(r)
		if signature == nil {
			return e
		}
		signature.AddChild(r)
		e.InsertChildAt(1, signature)
		return e
	},
	"XSW2": func(r *etree.Element) *etree.Element { // the sound response beside the signature
		e := evil(r)
		signature := samltest.RemoveSignature(r)
		if signature == nil {
			return e
		}
		e.InsertChildAt(1, r)
		e.InsertChildAt(2, signature)
		return e
	},
	"XSW3": func(r *etree.Element) *etree.Element { // the evil assertion before the sound one
		a := r.FindElement("./Assertion")
		r.InsertChildAt(a.Index(), evil(a))
		return r
	},
	"XSW4": func(r *etree.Element) *etree.Element { // the sound assertion within the evil one
		a := r.FindElement("./Assertion")
		e := evil(a)
		r.RemoveChild(a)
		e.AddChild(a)
		r.AddChild(e)
		return r
	},
	"XSW5": func(r *etree.Element) *etree.Element { // the signature in the evil assertion, the sound one behind it
		a := r.FindElement("./Assertion")
		e := evil(a)
		signature := samltest.RemoveSignature(a)
		e.InsertChildAt(1, signature)
		r.InsertChildAt(a.Index(), e)
		return r
	},
	"XSW6": func(r *etree.Element) *etree.Element { // the sound assertion within the signature of the evil one
		a := r.FindElement("./Assertion")
		e := evil(a)
		signature := samltest.RemoveSignature(a)
		r.RemoveChild(a)
		signature.AddChild(a)
		e.InsertChildAt(1, signature)
		r.AddChild(e)
		return r
	},
	"XSW7": func(r *etree.Element) *etree.Element { // the evil assertion in Extensions
		x := etree.NewElement("samlp:Extensions")
		x.AddChild(evil(r.FindElement("./Assertion")))
		r.InsertChildAt(1, x)
		return r
	},
	"XSW8": func(r *etree.Element) *etree.Element { // the sound assertion in an Object of the evil one's signature
		a := r.FindElement("./Assertion")
		e := evil(a)
		signature := samltest.RemoveSignature(a)
		r.RemoveChild(a)
		signature.AddChild(object(a))
		e.InsertChildAt(1, signature)
		r.AddChild(e)
		return r
	},
	"same id twice": func(r *etree.Element) *etree.Element {
		a := r.FindElement("./Assertion")
		e := evil(a)
		e.CreateAttr("ID", a.SelectAttrValue("ID", ""))
		r.InsertChildAt(a.Index(), e)
		return r
	},
	"id kept, signature moved": func(r *etree.Element) *etree.Element {
		a := r.FindElement("./Assertion")
		e := evil(a)
		e.CreateAttr("ID", a.SelectAttrValue("ID", ""))
		e.InsertChildAt(1, samltest.RemoveSignature(a))
		e.AddChild(object(a))
		r.RemoveChild(a)
		r.AddChild(e)
		return r
	},
	"two signatures": func(r *etree.Element) *etree.Element {
		a := r.FindElement("./Assertion")
		signature := a.FindElement("./Signature")
		a.AddChild(signature.Copy())
		becomeAdmin(a)
		return r
	},
	"another assertion namespace": func(r *etree.Element) *etree.Element {
		a := r.FindElement("./Assertion")
		e := evil(a)
		e.CreateAttr("xmlns:saml", "urn:oasis:names:tc:SAML:1.0:assertion")
		r.InsertChildAt(a.Index(), e)
		return r
	},
	"extra attribute statement": func(r *etree.Element) *etree.Element {
		a := r.FindElement("./Assertion")
		s := a.FindElement("./AttributeStatement").Copy()
		becomeAdmin(s)
		a.InsertChildAt(2, s)
		return r
	},
	"no reference": func(r *etree.Element) *etree.Element {
		a := r.FindElement("./Assertion")
		reference := a.FindElement("./Signature/SignedInfo/Reference")
		reference.CreateAttr("URI", "")
		becomeAdmin(a)
		return r
	},
	"two references": func(r *etree.Element) *etree.Element {
		a := r.FindElement("./Assertion")
		info := a.FindElement("./Signature/SignedInfo")
		info.AddChild(info.FindElement("./Reference").Copy())
		becomeAdmin(a)
		return r
	},
	"own key in KeyInfo": func(r *etree.Element) *etree.Element {
		becomeAdmin(r)
		return r
	},
}

// TestWrapping checks that nothing around a signature changes who is signed in, whether the response is signed or only the
// assertion.
func TestWrapping(t *testing.T) {
	for _, bare := range []bool{true, false} {
		for name, wrap := range wrappings {
			label := name + ", response signed"
			if bare {
				label = name + ", response not signed"
			}
			t.Run(label, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, nil)
				w.provider.Change(samltest.Changes{Bare: bare})
				response, cookies := w.start(t)
				doc := etree.NewDocument()
				if err := doc.ReadFromString(mustDecode(t, response)); err != nil {
					t.Fatal(err)
				}
				doc.SetRoot(wrap(doc.Root()))
				wrapped, err := doc.WriteToString()
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(wrapped, "admin") {
					t.Fatal("the attack speaks of nobody else")
				}
				p, err := w.finish(t, base64.StdEncoding.EncodeToString([]byte(wrapped)), cookies)
				switch {
				case err == nil && bare && (name == "XSW7" || name == "another assertion namespace") && p.Identifier == "saml:alice" && p.Email == "alice@example.com":
					// What is not an assertion of the response is not looked at.
				case err == nil:
					t.Errorf("signed in as %+v", p)
				}
			})
		}
	}
}

// TestCommentsDoNotCutValues checks that a comment, which the signature does not cover, cannot shorten a value.
func TestCommentsDoNotCutValues(t *testing.T) {
	w := newWorld(t, nil)
	w.provider.SetUser(map[string]string{"UserID": "admin@example.com.evil.example.org", "EmailAddress": "admin@example.com.evil.example.org"})
	for _, comment := range []string{"<!---->", "<!-- x -->"} {
		response, cookies := w.start(t)
		text := strings.ReplaceAll(mustDecode(t, response), "admin@example.com.evil", "admin@example.com"+comment+".evil")
		if !strings.Contains(text, comment) {
			t.Fatal("there is no comment")
		}
		p, err := w.finish(t, base64.StdEncoding.EncodeToString([]byte(text)), cookies)
		if err == nil && (p.ID != "admin@example.com.evil.example.org" || p.Email != "admin@example.com.evil.example.org") {
			t.Errorf("signed in as %+v", p)
		}
	}
}
