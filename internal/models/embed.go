package models

import "embed"

// coachFiles are copies of files of servers/coach. That folder is a module of its own, whose files go:embed cannot reach,
// and a binary must be able to build Ollama without a checkout; a test keeps copies and originals equal.
//
//go:generate cp ../../servers/coach/go.mod coach/coach.mod
//go:generate cp ../../servers/coach/go.sum coach/coach.sum
//go:generate cp ../../servers/coach/Modelfile.small ../../servers/coach/Modelfile.standard coach/
//go:embed coach/coach.mod coach/coach.sum coach/Modelfile.small coach/Modelfile.standard
var coachFiles embed.FS

func coachFile(name string) []byte {
	data, err := coachFiles.ReadFile("coach/" + name)
	if err != nil {
		panic("embedded file " + name + " is not in this build: " + err.Error())
	}
	return data
}
