package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
)

type userBlocks struct {
	person
	JSON bool `help:"As JSON."`
}

// listedBlock is a block as --json prints it.
type listedBlock struct {
	Counter string `json:"counter"`
	Client  string `json:"client_address"`
	Since   string `json:"since"`
	Until   string `json:"until"`
}

func listBlocks(all []accounts.Block) []listedBlock {
	rows := []listedBlock{}
	for _, b := range all {
		rows = append(rows, listedBlock{Counter: b.Counter, Client: b.ClientAddress,
			Since: b.Since.UTC().Format(time.RFC3339), Until: b.Until.UTC().Format(time.RFC3339)})
	}
	return rows
}

func (l listedBlock) String() string {
	return fmt.Sprintf("%-16s  %-39s  since %s  until %s", l.Counter, l.Client, l.Since, l.Until)
}

// Run lists them; unlock lifts them.
func (u *userBlocks) Run(ctx context.Context) error {
	return u.with(ctx, func(_ *portal, s *tenants.Scope, _ *tenants.Tenant, id uuid.UUID) error {
		all, err := accounts.Blocks(ctx, s, id)
		if err != nil {
			return err
		}
		rows := listBlocks(all)
		if u.JSON {
			return printJSON(rows)
		}
		for _, l := range rows {
			fmt.Println(l)
		}
		return nil
	})
}
