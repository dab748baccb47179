package runner

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// scrapeTimeout bounds what a scrape asks of the database.
const scrapeTimeout = 2 * time.Second

// metrics has the names of the OpenFaaS gateway, and the queue's depth and age beside them. Its registry is its own, so
// that several runners fit into one process.
type metrics struct {
	registry *prometheus.Registry
	total    *prometheus.CounterVec
	started  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inflight *prometheus.GaugeVec
}

func newMetrics(r *Runner) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_function_invocation_total", Help: "Function calls that ended, by HTTP status.",
		}, []string{"function_name", "code"}),
		started: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_function_invocation_started", Help: "Function calls that began.",
		}, []string{"function_name"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gateway_functions_seconds", Help: "How long function calls took.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 240},
		}, []string{"function_name", "code"}),
		inflight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "intellifit_function_inflight", Help: "Function calls that are running.",
		}, []string{"function_name"}),
	}
	services := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "gateway_service_count", Help: "Replicas of a function."}, []string{"function_name"})
	m.registry.MustRegister(m.total, m.started, m.seconds, m.inflight, services,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, f := range r.functions {
		services.WithLabelValues(label(f)).Set(1)
		m.started.WithLabelValues(label(f))
	}
	if r.queue != nil {
		m.registry.MustRegister(&queueCollector{queue: r.queue, log: r.cfg.Log})
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 5 * time.Second})
}

// label is the name that the OpenFaaS gateway gives: with the namespace.
func label(f *function) string { return f.spec.Name + "." + Namespace }

func (m *metrics) begin(f *function) {
	m.started.WithLabelValues(label(f)).Inc()
	m.inflight.WithLabelValues(label(f)).Inc()
}

func (m *metrics) end(f *function, status int, started time.Time) {
	m.inflight.WithLabelValues(label(f)).Dec()
	m.observe(f, status, started)
}

// observe counts a call that ended or was refused.
func (m *metrics) observe(f *function, status int, started time.Time) {
	code := strconv.Itoa(status)
	m.total.WithLabelValues(label(f), code).Inc()
	m.seconds.WithLabelValues(label(f), code).Observe(time.Since(started).Seconds())
}

// count is how many calls of the function began.
func (m *metrics) count(f *function) float64 {
	var out dto.Metric
	if err := m.started.WithLabelValues(label(f)).Write(&out); err != nil {
		return 0
	}
	return out.GetCounter().GetValue()
}

// queueCollector asks the database when it is scraped.
type queueCollector struct {
	queue *queue
	log   *slog.Logger
}

var (
	queueDepth = prometheus.NewDesc("intellifit_queue_calls", "Asynchronous calls in the queue, by state.", []string{"function_name", "state"}, nil)
	queueAge   = prometheus.NewDesc("intellifit_queue_oldest_seconds", "Age of the oldest asynchronous call that waits.", []string{"function_name"}, nil)
)

// Describe names the metrics.
func (c *queueCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- queueDepth
	ch <- queueAge
}

// Collect reads the queue. A database that does not answer leaves the two metrics out and not the whole scrape.
func (c *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	rows, err := c.queue.depth(ctx)
	if err != nil {
		c.log.Warn("queue metrics are missing", "cause", err)
		return
	}
	for _, row := range rows {
		name := row.function + "." + Namespace
		ch <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(row.waiting), name, "waiting")
		ch <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(row.running), name, "running")
		ch <- prometheus.MustNewConstMetric(queueAge, prometheus.GaugeValue, row.oldest.Seconds(), name)
	}
}
