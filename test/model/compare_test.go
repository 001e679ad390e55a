package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// differ compares what the model expects with what the server sent and returns the first difference, "" for none. What
// the server may choose is taken over into the model.
func differ(where string, want, got any) string {
	if want == anything {
		return ""
	}
	switch x := want.(type) {
	case *unknown:
		if x.value != nil {
			return differ(where, x.value, got)
		}
		if got == nil || !x.ok(got) {
			return fmt.Sprintf("%s is %s, not %s", where, show(got), x.what)
		}
		x.value = got
		return ""
	case map[string]any:
		y, isMap := got.(map[string]any)
		if !isMap {
			return fmt.Sprintf("%s is %s, not %s", where, show(got), show(want))
		}
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if _, there := y[k]; !there {
				return fmt.Sprintf("%s.%s is missing, not %s", where, k, show(x[k]))
			}
			if d := differ(where+"."+k, x[k], y[k]); d != "" {
				return d
			}
		}
		for _, k := range slices.Sorted(maps.Keys(y)) {
			if _, there := x[k]; !there {
				return fmt.Sprintf("%s.%s is %s, it must not be there", where, k, show(y[k]))
			}
		}
		return ""
	case []any:
		y, isList := got.([]any)
		if !isList || len(y) != len(x) {
			return fmt.Sprintf("%s is %s, not %s", where, show(got), show(want))
		}
		for i := range x {
			if d := differ(fmt.Sprintf("%s[%d]", where, i), x[i], y[i]); d != "" {
				return d
			}
		}
		return ""
	}
	if want != got {
		return fmt.Sprintf("%s is %s, not %s", where, show(got), show(want))
	}
	return ""
}

func show(v any) string {
	data, err := json.Marshal(plain(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%.1500s", data)
}

// plain replaces what only the model knows by text.
func plain(v any) any {
	switch x := v.(type) {
	case *unknown:
		return x.String()
	case map[string]any:
		out := map[string]any{}
		for k, y := range x {
			out[k] = plain(y)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, y := range x {
			out[i] = plain(y)
		}
		return out
	}
	if v == anything {
		return "(anything)"
	}
	return v
}

// disagree compares a whole answer with the expected one.
func disagree(e expected, a *answer) string {
	if a.status != e.status {
		return fmt.Sprintf("the status is %s, not %d %s", a, e.status, show(e.body))
	}
	if e.status >= 400 {
		got := a.object()
		message, _ := got["message"].(string)
		if got["code"] != number(int64(e.status)) || message == "" || e.message != "" && message != e.message {
			return fmt.Sprintf("the error is %s, not %d %q", a, e.status, e.message)
		}
		return ""
	}
	if a.location != e.location {
		return fmt.Sprintf("Location is %q, not %q", a.location, e.location)
	}
	switch x := e.body.(type) {
	case nil:
		if len(a.data) > 0 {
			return fmt.Sprintf("the answer is %s, it must be empty", a)
		}
		return ""
	case raw:
		if string(a.data) != string(x) {
			return fmt.Sprintf("the answer is %s, not %s", a, x)
		}
		return ""
	}
	v, err := a.value()
	if err != nil {
		return fmt.Sprintf("the answer is no JSON: %s: %v", a, err)
	}
	return differ("answer", e.body, v)
}
