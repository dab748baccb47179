package subtitle_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/subtitle"
)

var update = flag.Bool("update", false, "write the golden files anew")

// segments have all that could break a file of subtitles.
var segments = []speech.Segment{
	{Start: 0, End: 4.2, Text: " Keep your chest up."},
	{Start: 4.2, End: 27.9996, Text: " Three sets of twelve,\n\n then rest."},
	{Start: 28, End: 29, Text: "  "},
	{Start: 28.5, End: 59.999, Text: " 60 < 80 & 80 > 60 --> more"},
	{Start: 3599.5, End: 3661.0614, Text: " Grüße – größer als „sechzig“"},
	{Start: -0.1, End: 0.02, Text: "before the beginning"},
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for name, got := range map[string]string{
		"talk.srt": subtitle.SRT(segments), "talk.vtt": subtitle.VTT(segments), "nothing.srt": subtitle.SRT(nil), "nothing.vtt": subtitle.VTT(nil),
	} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
