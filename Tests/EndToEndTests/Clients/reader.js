// A server that says how Node reads each request: in fields of its answer, and the body as it came.
// Its one argument is the path of the socket to listen on.
"use strict";
const http = require("node:http");
const path = require("node:path");

function route(target) {
  let resolved;
  try {
    resolved = path.posix.normalize(decodeURIComponent(new URL(target, "http://api.test").pathname));
  } catch {
    return "/";
  }
  return ["/deny/", "/v1/admin/"].find((prefix) => resolved.startsWith(prefix)) ?? "/";
}

http
  .createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces);
      response.writeHead(200, {
        "Reading-Method": request.method,
        "Reading-Target": request.url,
        "Reading-Host": request.headers.host ?? "",
        "Reading-Route": route(request.url),
        "Content-Length": body.length,
      });
      response.end(body);
    });
  })
  .listen(process.argv[2]);
