package rules

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// units are how people write lengths of time, in the languages of the console, and in tenant files.
var units = map[string]time.Duration{
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second, "sek": time.Second,
	"sekunde": time.Second, "sekunden": time.Second, "seconde": time.Second, "secondes": time.Second, "segundo": time.Second,
	"segundos": time.Second, "ثانية": time.Second, "ثوان": time.Second, "ثوانٍ": time.Second,
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute, "minuten": time.Minute,
	"minuto": time.Minute, "minutos": time.Minute, "دقيقة": time.Minute, "دقائق": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hrs": time.Hour, "hour": time.Hour, "hours": time.Hour, "std": time.Hour, "stunde": time.Hour,
	"stunden": time.Hour, "heure": time.Hour, "heures": time.Hour, "hora": time.Hour, "horas": time.Hour, "ساعة": time.Hour, "ساعات": time.Hour,
	"d": day, "day": day, "days": day, "tag": day, "tage": day, "tagen": day, "j": day, "jour": day, "jours": day, "día": day, "días": day, "dia": day,
	"dias": day, "يوم": day, "أيام": day,
}

const day = 24 * time.Hour

// ParseLength reads a length of time as people and tenant files write it: "24 h", "30 min", "1h30m", "7
// days", "1 Std 30 Min", "0". It is a whole number of seconds, at most ten years.
func ParseLength(text string) (time.Duration, bool) {
	rest := strings.ToLower(strings.TrimSpace(latinDigits(text)))
	if rest == "0" {
		return 0, true
	}
	var sum time.Duration
	last := time.Duration(1<<63 - 1)
	for rest != "" {
		digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if digits <= 0 {
			return 0, false
		}
		n, err := strconv.Atoi(rest[:digits])
		rest = strings.TrimLeft(rest[digits:], " \u00a0\u202f")
		end := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })
		if end < 0 {
			end = len(rest)
		}
		unit, known := units[rest[:end]]
		if err != nil || n > 400_000_000 || !known || unit >= last {
			return 0, false
		}
		sum, last = sum+time.Duration(n)*unit, unit
		rest = strings.TrimLeft(rest[end:], ". \u00a0\u202f")
		if sum > 3650*day {
			return 0, false
		}
	}
	return sum, last != 1<<63-1
}

// HumanLength writes a length as ParseLength reads it, the same in all languages: "24 h", "1 h 30 min",
// "7 d", "0".
func HumanLength(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	var parts []string
	for _, u := range []struct {
		name string
		is   time.Duration
	}{{"d", day}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}} {
		if u.is == day && (d < 3*day || d%day != 0) {
			continue
		}
		if n := d / u.is; n > 0 {
			parts = append(parts, strconv.FormatInt(int64(n), 10)+" "+u.name)
			d -= n * u.is
		}
	}
	return strings.Join(parts, " ")
}

// latinDigits turns Arabic-Indic digits into 0 to 9.
func latinDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		}
		return r
	}, s)
}
