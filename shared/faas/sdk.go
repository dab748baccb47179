package faas

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"

	handler "github.com/openfaas/templates-sdk/go-http"
)

// maxSDKBody bounds the body of a call to a function of the SDK's form, which takes it whole: as much as our largest, a
// transcription of 25 MB with its multipart frame.
const maxSDKBody = 26 << 20

// HandlerOf returns what serves a function of either form: an http.Handler as it is, a FunctionHandler of the OpenFaaS
// Go SDK behind an adapter, which hands it the path of the call in PathHeader. Anything else is an error.
func HandlerOf(function any) (http.Handler, error) {
	switch f := function.(type) {
	case http.Handler:
		return f, nil
	case handler.FunctionHandler:
		return sdkHandler{f}, nil
	}
	return nil, fmt.Errorf("serve %T: want an http.Handler or the Handle method of the OpenFaaS Go SDK", function)
}

// sdkHandler is the other direction of Handle: whole bodies in and out, and an error becomes a plain 500.
type sdkHandler struct{ function handler.FunctionHandler }

// ServeHTTP calls the function once.
func (h sdkHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	res, err := h.call(w, r)
	if err != nil {
		WriteProblem(r.Context(), w, err)
		return
	}
	maps.Copy(w.Header(), res.Header)
	if res.StatusCode == 0 {
		res.StatusCode = http.StatusOK
	}
	w.WriteHeader(res.StatusCode)
	_, _ = w.Write(res.Body) // a client that left is not our failure
}

func (h sdkHandler) call(w http.ResponseWriter, r *http.Request) (handler.Response, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSDKBody))
	if errors.As(err, new(*http.MaxBytesError)) {
		return handler.Response{}, tooLarge(maxSDKBody)
	}
	if err != nil {
		return handler.Response{}, NewProblem(http.StatusBadRequest, CodeBodyUnreadable, "the body broke off", "")
	}
	header := r.Header.Clone()
	header.Set(PathHeader, r.URL.Path)
	req := handler.Request{Body: body, Header: header, QueryString: r.URL.RawQuery, Method: r.Method, Host: r.Host}
	req.WithContext(r.Context())
	return h.function.Handle(req)
}
