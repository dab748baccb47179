package runner

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed docs
var docsFiles embed.FS

// docs serves the page that lists all operations. It is whole: no script, style or font comes from elsewhere, and the
// policy lets none in.
func docs() http.Handler {
	sub, err := fs.Sub(docsFiles, "docs")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	files := http.StripPrefix("/docs/", http.FileServerFS(sub))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		files.ServeHTTP(w, r)
	})
}
