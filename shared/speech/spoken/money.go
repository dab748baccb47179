package spoken

import (
	"regexp"
	"strings"
)

var (
	currencies  = map[string][4]string{"€": {"euro", "euros", "cent", "cents"}, "$": {"dollar", "dollars", "cent", "cents"}, "£": {"pound", "pounds", "penny", "pence"}}
	codes       = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "Euro": "€", "euros": "€", "euro": "€"}
	moneyFirst  = regexp.MustCompile(`^([€$£])\s?` + anyNumber + `([kK]\b)?`)
	moneySecond = regexp.MustCompile(`^(\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:[.,]\d{2})?)\s?(€|\$|£|EUR\b|USD\b|GBP\b)`)
)

// moneyBefore words "€45", "$9.99".
func (s *speaker) moneyBefore(rest string) (string, int) {
	m := moneyFirst.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	said, n := money(m[2], m[1]), len(m[0])
	if m[3] != "" {
		said = say(m[2]) + " thousand " + currencies[m[1]][1]
	}
	counted, k := per(rest[n:])
	return said + counted, n + k
}

// moneyBehind words "45 €", "45,50 EUR".
func (s *speaker) moneyBehind(rest string) (string, int) {
	m := moneySecond.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	sign := m[2]
	if known, ok := codes[sign]; ok {
		sign = known
	}
	n := len(m[0])
	counted, k := per(rest[n:])
	return money(m[1], sign) + counted, n + k
}

func money(number, sign string) string {
	if comma := strings.LastIndexByte(number, ','); comma >= 0 && len(number)-comma == 3 {
		number = number[:comma] + "." + number[comma+1:]
	}
	front, small, ok := strings.Cut(number, ".")
	c := currencies[sign]
	said := say(front) + " " + c[1]
	if front == "1" {
		said = "one " + c[0]
	}
	switch {
	case !ok || strings.Trim(small, "0") == "":
		return said
	case len(small) != 2:
		return say(number) + " " + c[1]
	case front == "0" && small == "01":
		return "one " + c[2]
	case front == "0":
		return say(strings.TrimLeft(small, "0")) + " " + c[3]
	}
	return said + " " + say(strings.TrimLeft(small, "0"))
}
