// Package subtitle writes transcripts as subtitles: SubRip and WebVTT.
package subtitle

import (
	"fmt"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/speech"
)

// The media types of the two formats.
const (
	SRTType = "application/x-subrip; charset=utf-8"
	VTTType = "text/vtt; charset=utf-8"
)

// SRT is a transcript as SubRip, a cue for each segment that says something.
func SRT(segments []speech.Segment) string {
	var b strings.Builder
	n := 0
	for _, s := range segments {
		text := line(s.Text)
		if text == "" {
			continue
		}
		n++
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n\n", n, stamp(s.Start, ","), stamp(s.End, ","), text)
	}
	return b.String()
}

// VTT is a transcript as WebVTT.
func VTT(segments []speech.Segment) string {
	var b strings.Builder
	b.WriteString("WEBVTT\n\n")
	for _, s := range segments {
		if text := line(s.Text); text != "" {
			fmt.Fprintf(&b, "%s --> %s\n%s\n\n", stamp(s.Start, "."), stamp(s.End, "."), escape.Replace(text))
		}
	}
	return b.String()
}

// escape keeps a cue's text from being read as markup (W3C WebVTT, 4.2.2); the arrow of a timing goes with it.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// line is a cue's text: a line break in it could end the cue, and an arrow would be read as a timing by players of SubRip.
func line(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "-->", "→")
}

// stamp is a time as hours, minutes, seconds and milliseconds.
func stamp(seconds float64, point string) string {
	ms := time.Duration(max(seconds, 0) * float64(time.Second)).Round(time.Millisecond).Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%s%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, point, ms%1000)
}
