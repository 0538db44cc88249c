package tenants

import (
	"context"
	"time"
)

// SetState moves a tenant between its states and tells every instance; ErrNotFound when there is no
// such slug. One that stops being live ends the sessions of before (ClosedAt); one that leaves gets notice.
func SetState(ctx context.Context, a *Across, slug string, to State) error {
	var id ID
	err := a.Row(ctx, "UPDATE tenants SET state = $2, "+StateColumns("$2", "$3", "$4")+" WHERE slug = $1 RETURNING id",
		[]any{slug, string(to), a.Now(), a.Now().Add(Notice)}, &id)
	if err != nil {
		return err
	}
	return Touch(ctx, a, id)
}

// Notice is how long a tenant that leaves can still change its mind and take its data out before it goes: thirty
// days, as contracts commonly have it.
const Notice = 30 * 24 * time.Hour

// StateColumns is what changes in the directory's row together with a tenant's state, whoever changes it: arguments
// that hold the new state, now, and the end of a notice that begins now.
func StateColumns(state, now, leaves string) string {
	return "closed_at = CASE WHEN state = 'live' AND " + state + "::text <> 'live' THEN " + now + "::timestamptz ELSE closed_at END, " +
		"leaves_at = CASE WHEN " + state + "::text <> 'leaving' THEN NULL ELSE coalesce(leaves_at, " + leaves + "::timestamptz) END"
}
