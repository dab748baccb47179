package main

import (
	"github.com/intellifit/intellifit/functions/call"
	"github.com/intellifit/intellifit/functions/chat"
	"github.com/intellifit/intellifit/functions/plan"
	"github.com/intellifit/intellifit/functions/speak"
	"github.com/intellifit/intellifit/functions/tools"
	"github.com/intellifit/intellifit/functions/transcribe"
	"github.com/intellifit/intellifit/internal/runner"
)

// functions are the function packages by their names in stack.yml.
var functions = map[string]runner.Constructor{
	"call":       runner.Of(call.New),
	"chat":       runner.Of(chat.New),
	"plan":       runner.Of(plan.New),
	"speak":      runner.Of(speak.New),
	"tools":      runner.Of(tools.New),
	"transcribe": runner.Of(transcribe.New),
}
