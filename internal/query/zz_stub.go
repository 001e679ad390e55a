package query

import para "github.com/erudika/para-go"

type Params struct {
	Type, Kind, Separator string
	Get                   func(string) string
	Has                   func(string) bool
	All                   func(string) []string
	MatchAll              bool
}

func Build(p Params) (*para.Query, error) { return nil, nil }

func Parse(q, field string) (para.Filter, error) { return nil, nil }
