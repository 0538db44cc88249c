package imports

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"strconv"

	"portico/app/imports"
	"portico/app/sheets"
	"portico/app/visit"
	"portico/rbac"
)

// Report is what came of each row, as a file.
func (f *Flow) Report(v *visit.Visit) error {
	i, err := f.find(v)
	if err != nil {
		return err
	}
	say := func(key string, args map[string]any) string { return v.Renderer.Text(v.Brand, v.Locale, key, args) }
	var out bytes.Buffer // 200,000 short lines at most
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write([]string{say("imports.line", nil), say("imports.field_external_id", nil), say("imports.result", nil), say("imports.column", nil), say("imports.reason", nil)})
	err = f.Imports.Report(v.Context(), v.Tenant.ID, i, func(one imports.Verdict) error {
		line, reason := "", ""
		if one.Line > 0 {
			line = strconv.Itoa(one.Line)
		}
		if m := why(one); m.Key != "" {
			reason = say(m.Key, m.Args)
		}
		return w.Write([]string{line, sheets.Cell(one.ExternalID), say("imports.result_"+one.Result, nil),
			sheets.Cell(heading(i, one.Column)), sheets.Cell(reason)})
	})
	if err != nil {
		return err
	}
	w.Flush()
	return v.Bytes("text/csv; charset=utf-8", "import-report.csv", out.Bytes())
}

// Export streams the people within reach as CSV or JSON lines.
func (f *Flow) Export(v *visit.Visit) error {
	reach, err := v.Reach(rbac.PeopleExport)
	if err != nil {
		return err
	}
	form, err := v.Form("format")
	if err != nil {
		return err
	}
	format := form["format"]
	media := map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}[format]
	if media == "" {
		return visit.ErrNotFound
	}
	if err := f.Imports.Exported(v.Context(), v.Tenant.ID, format); err != nil {
		return err
	}
	tenant := v.Tenant.ID
	return v.Stream(media, "people."+format, func(ctx context.Context, out io.Writer, flush func() error) error {
		return f.Imports.Export(ctx, tenant, reach, format, out, flush)
	})
}
