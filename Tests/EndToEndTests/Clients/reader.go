// A server that says how net/http reads each request: in fields of its answer, and the body as it came.
// Its one argument is the path of the socket to listen on.
package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
)

func main() {
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	// The paths that are asked about, as this server's own router sees them.
	routes := http.NewServeMux()
	for _, prefix := range []string{"/deny/", "/v1/admin/", "/"} {
		routes.HandleFunc(prefix, func(http.ResponseWriter, *http.Request) {})
	}
	answer := func(writer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		_, route := routes.Handler(request)
		fields := writer.Header()
		fields.Set("Reading-Method", request.Method)
		fields.Set("Reading-Target", request.RequestURI)
		fields.Set("Reading-Host", request.Host)
		fields.Set("Reading-Route", route)
		fields.Set("Content-Length", strconv.Itoa(len(body)))
		writer.Write(body)
	}
	log.Fatal(http.Serve(listener, http.HandlerFunc(answer)))
}
