package para

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

const storedUser = `{"id":"1635423786088009728","timestamp":1700000000000,"type":"user","appid":"kid","updated":1700000005000,"name":"Joe Doe","votes":0,` +
	`"version":0,"stored":true,"indexed":true,"cached":true,"identifier":"joe@x.co","groups":"users","active":true,"twoFA":false,"email":"joe@x.co",` +
	`"picture":"https://www.gravatar.com/avatar/de22440a1ceef000586301d19ad55e38?size=400&d=mm&r=pg","tokenSecret":"0123456789","objectURI":"/user/1635423786088009728","plural":"users"}`

func wide(n int) []byte {
	b := []byte(`{"type":"cat"`)
	for i := range n {
		b = append(b, (`,"member` + strconv.Itoa(i) + `":` + strconv.Itoa(i))...)
	}
	return append(b, '}')
}

func BenchmarkDecodeObject(b *testing.B) {
	for name, data := range map[string][]byte{"cat": []byte(storedCat), "user": []byte(storedUser), "1000 members": wide(1000)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := DecodeObject(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	for name, data := range map[string][]byte{"cat": []byte(storedCat), "user": []byte(storedUser), "1000 members": wide(1000)} {
		o, err := DecodeObject(data)
		if err != nil {
			b.Fatal(err)
		}
		var dst []byte
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst = o.AppendJSON(dst[:0])
			}
		})
	}
}

func BenchmarkAppendView(b *testing.B) {
	for name, data := range map[string]string{"cat": storedCat, "user": storedUser} {
		o, err := DecodeObject([]byte(data))
		if err != nil {
			b.Fatal(err)
		}
		c := ViewContext{Now: testTime, IsEmail: isAddress}
		var dst []byte
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst = o.AppendView(dst[:0], Public, c)
			}
		})
	}
}

func BenchmarkPopulate(b *testing.B) {
	data := []byte(`{"name":"Tom","type":"cat","tags":["a","b"],"legs":4,"colour":"white","text":"` + strings.Repeat("word ", 40) + `","nested":{"a":[1,2.50,{"b":null}]}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	ids := NewIDGenerator(1, nil)
	for b.Loop() {
		body, err := ParseBody(data)
		if err != nil {
			b.Fatal(err)
		}
		o, err := Populate(body)
		if err != nil {
			b.Fatal(err)
		}
		o.AssignID(ids)
		o.SetTimestamp(1)
		o.ApplyDefaults(testTime)
		o.AppendJSON(nil)
	}
}

func BenchmarkSelect(b *testing.B) {
	data := []byte(`{"items":[` + strings.TrimSuffix(strings.Repeat(storedCat+",", 100), ",") + `],"page":0,"totalHits":100}`)
	names := SelectNames([]string{"id,name,legs"})
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Select(data, names); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNextID(b *testing.B) {
	g := NewIDGenerator(1, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		g.Next()
	}
}
