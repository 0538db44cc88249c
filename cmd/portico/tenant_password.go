package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"portico/app/accounts"
	"portico/tenants"
)

type tenantPassword struct {
	config
	Slug string   `arg:"" help:"Which tenant."`
	Name string   `help:"The person's name, which the password must not contain."`
	ID   []string `name:"id" help:"What the person is known by: an address, a username, a user id. Repeatable."`
	JSON bool     `help:"As JSON."`
}

// tried is what the rules make of a password; nothing of it but banned terms is printed.
type tried struct {
	Accepted bool       `json:"accepted"`
	Broken   []string   `json:"broken"` // names of rules
	Scored   bool       `json:"scored"` // the policy asks for the scored check
	Score    int        `json:"score"`
	Needed   int        `json:"needed"`
	Terms    []termSeen `json:"terms"`
}

type termSeen struct {
	Term string `json:"term"` // as it is compared: in lower case, 0 1 $ @ folded
	From string `json:"from"` // tenant, global, brand
}

// Run reads one line from the standard input, so that no password stands in a history or a list of
// processes, and says what the tenant's rules make of it. A password that would be refused is an error.
func (t *tenantPassword) Run(ctx context.Context) error {
	password, err := readPassword(os.Stdin)
	if err != nil {
		return err
	}
	p, err := t.operate()
	if err != nil {
		return err
	}
	defer p.close()
	tenant, err := p.resolver.BySlug(ctx, t.Slug)
	if errors.Is(err, tenants.ErrNoTenant) {
		return fmt.Errorf("there is no tenant %q", t.Slug)
	}
	if err != nil {
		return err
	}
	e := accounts.Explain(tenant.Policy.Password, password,
		accounts.Personal{Brand: tenant.Name, Slug: tenant.Slug, Name: t.Name, Words: t.ID})
	if t.JSON {
		err = printJSON(triedOf(e))
	} else {
		fmt.Print(explained(e))
	}
	if err == nil && len(e.Broken) > 0 {
		return errors.New("this password would be refused")
	}
	return err
}

// readPassword is the first line, without its end; more than any password may have is cut nowhere and
// refused by the rules.
func readPassword(from io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(from, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("write the password to the standard input")
	}
	return line, nil
}

func triedOf(e accounts.Explanation) tried {
	out := tried{Accepted: len(e.Broken) == 0, Broken: []string{}, Scored: e.Scored, Score: e.Score, Needed: e.Needed, Terms: []termSeen{}}
	for _, r := range e.Broken {
		out.Broken = append(out.Broken, r.Name)
	}
	for _, part := range e.Parts {
		if part.Term != "" {
			out.Terms = append(out.Terms, termSeen{Term: part.Term, From: part.From})
		}
	}
	return out
}

// explained is the same for people: a dot stands for each character that no banned term covers.
func explained(e accounts.Explanation) string {
	var b strings.Builder
	if e.Scored {
		for _, part := range e.Parts {
			switch part.From {
			case "":
				b.WriteString("·")
			default:
				fmt.Fprintf(&b, "[%s: %s]", part.From, part.Term)
			}
		}
		fmt.Fprintf(&b, "\nscore %d, needed %d\n", e.Score, e.Needed)
	} else {
		b.WriteString("this tenant scores no banned terms\n")
	}
	for _, r := range e.Broken {
		fmt.Fprintf(&b, "breaks %s\n", r.Name)
	}
	if len(e.Broken) == 0 {
		b.WriteString("accepted\n")
	}
	return b.String()
}
