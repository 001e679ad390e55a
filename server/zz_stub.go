package server

import para "github.com/erudika/para-go"

func document(*para.Object) *para.Document { return nil }
