package manifest

import (
	"fmt"
	"strings"

	"github.com/robfig/cron/v3"
)

// cronTopic is the annotation "topic" of a function that the cron connector calls.
const cronTopic = "cron-function"

// Schedule returns when the function is to be called by itself, and ok=false when it is not. A schedule that cannot be
// read is an error; the cron connector of OpenFaaS would skip it in silence.
func (f Function) Schedule() (schedule cron.Schedule, ok bool, err error) {
	spec, scheduled := f.Annotations["schedule"]
	topic := f.Annotations["topic"]
	switch {
	case topic != cronTopic && !scheduled:
		return nil, false, nil
	case topic != cronTopic:
		return nil, false, fmt.Errorf("annotation schedule %q needs the annotation topic: %s beside it", spec, cronTopic)
	case strings.TrimSpace(spec) == "":
		return nil, false, fmt.Errorf("annotation topic: %s needs the annotation schedule beside it", cronTopic)
	}
	schedule, err = parseSchedule(spec)
	if err != nil {
		return nil, false, fmt.Errorf("annotation schedule %q: %w", spec, err)
	}
	return schedule, true, nil
}

// parseSchedule guards the parser, which panics on some texts that its users never write.
func parseSchedule(spec string) (s cron.Schedule, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("not a schedule")
		}
	}()
	return cron.ParseStandard(spec)
}
