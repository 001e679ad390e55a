package rest

import (
	"bytes"
	"encoding/base64"
	"image/png"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// codePicture is an address as a picture that telephones read, as a data: URL; "" when it is too long for one.
func codePicture(text string) string {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return ""
	}
	scaled, err := barcode.Scale(code, 240, 240)
	if err != nil {
		return ""
	}
	var b bytes.Buffer
	if png.Encode(&b, scaled) != nil {
		return ""
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}
