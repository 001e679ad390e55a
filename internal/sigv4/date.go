package sigv4

import (
	"fmt"
	"strings"
	"time"
)

// CheckDate checks the text of X-Amz-Date (A 3.2): blank, or more than maxAge ago to the millisecond, is ErrExpired;
// any other form than 20060102T150405Z is ErrMalformedDate. Dates in the future are good (D60).
func CheckDate(text string, maxAge time.Duration, now time.Time) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("%w: no X-Amz-Date", ErrExpired)
	}
	date, err := parseDate(text)
	if err != nil {
		return err
	}
	if now.Truncate(time.Millisecond).Sub(date) > maxAge {
		return fmt.Errorf("%w: signed at %s, accepted for %s", ErrExpired, text, maxAge)
	}
	return nil
}

func parseDate(text string) (time.Time, error) {
	if len(text) != len(dateLayout) { // time.Parse would allow fractions of a second
		return time.Time{}, ErrMalformedDate
	}
	date, err := time.Parse(dateLayout, text)
	if err != nil {
		return time.Time{}, ErrMalformedDate
	}
	return date, nil
}
