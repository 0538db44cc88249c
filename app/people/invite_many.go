package people

import (
	"context"
	"errors"
	"strings"

	"portico/app/accounts"
)

// MostLines is how many people one paste may invite.
const MostLines = 500

// ErrTooManyLines means that a paste has more lines than MostLines.
var ErrTooManyLines = errors.New("too many lines")

// BadLine is a line of a paste that invited nobody, counted from one, and the code of what is wrong with it: those
// of Invite, twice, or not_tried when time ran out before it.
type BadLine struct {
	Number int
	Text   string
	Code   string
}

// InviteMany invites whom the lines name: an address, a name and, where the policy signs in with something
// else than the address, that; with commas, semicolons or tabs between. Empty lines count for nothing. Each line
// stands for itself: a bad one never stops the others. What all share comes with n.
func (p *People) InviteMany(ctx context.Context, by By, n NewPerson, text string) (sent int, bad []BadLine, err error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
	if strings.Contains(text, "\r\n") {
		lines = strings.Split(text, "\n")
	}
	filled := 0
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			filled++
		}
	}
	if filled > MostLines {
		return 0, nil, ErrTooManyLines
	}
	seen := map[string]bool{}
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		code := "not_tried"
		if ctx.Err() == nil {
			if code, err = p.inviteLine(ctx, by, n, line, seen); err != nil && ctx.Err() == nil {
				return sent, bad, err
			}
			if err != nil {
				code = "not_tried"
			}
		}
		if code == "" {
			sent++
			continue
		}
		bad = append(bad, BadLine{Number: i + 1, Text: line, Code: code})
	}
	return sent, bad, nil
}

func (p *People) inviteLine(ctx context.Context, by By, n NewPerson, line string, seen map[string]bool) (code string, err error) {
	parts := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' })
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	n.Address, n.Name = strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1])
	if kind := NeedsIdentifier(by.Tenant); kind != "" {
		n.Identifiers = map[string]string{kind: strings.TrimSpace(parts[2])}
	}
	key := accounts.LookUpKey(accounts.Email, n.Address)
	_, err = p.Invite(ctx, by, n)
	var fault *FieldError
	switch {
	case errors.As(err, &fault) && fault.Code == "known" && seen[key]:
		return "twice", nil
	case errors.As(err, &fault):
		return fault.Code, nil
	case err == nil:
		seen[key] = true
	}
	return "", err
}
