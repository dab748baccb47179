// Package callpage is the page in which a member calls the coach from a browser. It is whole: no script, style or font comes
// from elsewhere. The function call does the work; the page records, plays, and shows.
package callpage

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var files embed.FS

// policy lets in what the host itself serves, worklets among it, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the page under /call/.
func Handler() http.Handler {
	sub, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	page := http.StripPrefix("/call/", http.FileServerFS(sub))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-cache") // the files have no date, so a browser would keep those of an older version
		page.ServeHTTP(w, r)
	})
}
