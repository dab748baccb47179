package plan

import (
	"fmt"
	"html/template"
	"io"

	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/sheet"
)

const htmlType = "text/html"

// waiting reloads itself until the plan is there.
var waiting = template.Must(template.New("waiting").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Your plan is being made</title></head>
<body style="font: 1.1rem system-ui; margin: 3rem"><h1>Your plan is being made</h1><p>State: {{.State}}. This page looks again every two seconds.</p></body></html>
`))

// writePage renders an answer for people who look at it in a browser.
func writePage(w io.Writer, v any) error {
	switch v := v.(type) {
	case planner.Plan:
		return sheet.HTML(w, v)
	case pending:
		return waiting.Execute(w, v)
	}
	return fmt.Errorf("render a page: no page for %T", v)
}
