package faas

import (
	"net/http"

	"github.com/intellifit/intellifit/shared/gym"
)

// The codes that this package and the hosts answer with. They are part of the contract: clients branch on them, so a
// code is never renamed. Domain packages bring their own codes in gym.Error.
const (
	CodeInvalidRequest        = "invalid_request"         // 400: fields are wrong; errors[] says which
	CodeUnknownField          = "unknown_field"           // 400: a field or query parameter that does not exist
	CodeInvalidJSON           = "invalid_json"            // 400
	CodeInvalidUTF8           = "invalid_utf8"            // 400
	CodeNULByte               = "nul_byte"                // 400: U+0000 in a text
	CodeDuplicateKey          = "duplicate_key"           // 400: the same JSON key twice in one object
	CodeTooDeep               = "json_too_deep"           // 400
	CodeBodyRequired          = "body_required"           // 400
	CodeBodyUnreadable        = "body_unreadable"         // 400: the body ended early or broke off
	CodeIdempotencyKeyInvalid = "idempotency_key_invalid" // 400
	CodePathInvalid           = "path_invalid"            // 400
	CodeTokenMissing          = "token_missing"           // 401
	CodeTokenInvalid          = "token_invalid"           // 401
	CodeTokenExpired          = "token_expired"           // 401
	CodeRoleNotAllowed        = "role_not_allowed"        // 403
	CodeRouteNotFound         = "route_not_found"         // 404
	CodeMethodNotAllowed      = "method_not_allowed"      // 405
	CodeNotAcceptable         = "not_acceptable"          // 406
	CodeBodyTimeout           = "body_timeout"            // 408: the body came too slowly
	CodeBodyTooLarge          = "body_too_large"          // 413
	CodeContentType           = "content_type_unsupported"
	CodeContentEncoding       = "content_encoding_unsupported"
	CodeCancelled             = "cancelled" // 499: the client went away
	CodeInternal              = "internal"  // 500: our fault; the log has the cause under the request_id
	CodeNotReady              = "not_ready" // 503
	CodeTimeout               = "timeout"   // 504: the deadline passed
)

// statusClientGone is nginx's status for a client that closed the connection; nobody sees it but the log.
const statusClientGone = 499

// kindStatus is the one place that turns a kind of failure into an HTTP status.
var kindStatus = []struct {
	kind   error
	status int
}{
	{gym.ErrInvalid, http.StatusBadRequest},
	{gym.ErrUnauthorized, http.StatusUnauthorized},
	{gym.ErrForbidden, http.StatusForbidden},
	{gym.ErrNotFound, http.StatusNotFound},
	{gym.ErrConflict, http.StatusConflict},
	{gym.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{gym.ErrUnsupported, http.StatusUnsupportedMediaType},
	{gym.ErrInfeasible, http.StatusUnprocessableEntity},
	{gym.ErrBusy, http.StatusTooManyRequests},
	{gym.ErrUnavailable, http.StatusServiceUnavailable},
}

// statusCode is the code for a status that came without one.
var statusCode = map[int]string{
	http.StatusBadRequest:            CodeInvalidRequest,
	http.StatusUnauthorized:          CodeTokenInvalid,
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      CodeMethodNotAllowed,
	http.StatusNotAcceptable:         CodeNotAcceptable,
	http.StatusRequestTimeout:        CodeBodyTimeout,
	http.StatusConflict:              "conflict",
	http.StatusRequestEntityTooLarge: CodeBodyTooLarge,
	http.StatusUnsupportedMediaType:  CodeContentType,
	http.StatusUnprocessableEntity:   "unprocessable",
	http.StatusTooManyRequests:       "busy",
	statusClientGone:                 CodeCancelled,
	http.StatusInternalServerError:   CodeInternal,
	http.StatusServiceUnavailable:    "unavailable",
	http.StatusGatewayTimeout:        CodeTimeout,
}

// Status is the HTTP status that err is answered with.
func Status(err error) int { return ProblemOf(err).Status }

func codeFor(status int) string {
	if code, ok := statusCode[status]; ok {
		return code
	}
	return "error"
}

func titleFor(status int) string {
	if status == statusClientGone {
		return "Client Closed Request"
	}
	return http.StatusText(status)
}
