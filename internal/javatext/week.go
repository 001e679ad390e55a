package javatext

import (
	"strings"
	"time"
)

// weekRule says how a region counts weeks.
type weekRule struct {
	first time.Weekday // first day of the week
	least int          // days that the first week of a year or month must have in it
}

// Regions by their rule (CLDR 47); every other region starts weeks on Monday and needs one day.
const (
	saturdayRegions  = " AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY "
	sundayRegions    = " AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW "
	isoRegions       = " AD AN AT AX BE BG CH CZ DE DK EE ES FI FJ FO FR GB GF GG GI GP GR HU IE IM IS IT JE LI LT LU MC MQ NL NO PL RE RU SE SJ SK SM VA "
	sundayISORegions = " PT "
	fridayRegions    = " MV "
)

func (l Locale) weekRule() weekRule {
	region := " " + l.Region + " "
	switch {
	case l.Region == "", strings.Contains(sundayRegions, region):
		return weekRule{time.Sunday, 1}
	case strings.Contains(isoRegions, region):
		return weekRule{time.Monday, 4}
	case strings.Contains(saturdayRegions, region):
		return weekRule{time.Saturday, 1}
	case strings.Contains(sundayISORegions, region):
		return weekRule{time.Sunday, 4}
	case strings.Contains(fridayRegions, region):
		return weekRule{time.Friday, 1}
	}
	return weekRule{time.Monday, 1}
}

// week returns the number of the week that contains day n (from 1) of a period, when that day is a d.
func (r weekRule) week(n int, d time.Weekday) int {
	start := ((int(d)-int(r.first)-n+1)%7 + 7) % 7 // days of the period's first week that lie before it
	w := (n + start - 1) / 7
	if 7-start >= r.least {
		w++
	}
	return w
}

// ofYear returns the week of the year and the year it belongs to.
func (r weekRule) ofYear(t time.Time) (year, week int) {
	year, n := t.Year(), t.YearDay()
	week = r.week(n, t.Weekday())
	if week == 0 {
		return year - 1, r.week(n+daysOf(year-1), t.Weekday())
	}
	// The week that holds the last days of a year may be the first one of the next.
	days := daysOf(year)
	place := (int(t.Weekday()) - int(r.first) + 7) % 7 // of the day in its week
	lastPlace := (place + days - n) % 7                // of the last day of the year in its week
	if 6-lastPlace >= r.least && n+7-place > days {
		return year + 1, 1
	}
	return year, week
}

func (r weekRule) ofMonth(t time.Time) int { return r.week(t.Day(), t.Weekday()) }

func daysOf(year int) int {
	return time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC).YearDay()
}
