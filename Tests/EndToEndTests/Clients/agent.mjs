// One request by Node's own clients through the proxy of the environment: `fetch` where this Node knows proxies,
// otherwise `https` in a tunnel. Says what the client says: agent.mjs METHOD URL [BYTES]
import { createHash } from "node:crypto";
import http from "node:http";
import https from "node:https";

const [method, address, size] = process.argv.slice(2);
const url = new URL(address);
const body = size ? "x".repeat(Number(size)) : undefined;
const headers = body ? { "Content-Type": "application/octet-stream" } : {};

async function byFetch() {
    const answer = await fetch(url, { method, body, headers });
    return [answer.status, answer.statusText, Buffer.from(await answer.arrayBuffer())];
}

function inTunnel() {
    const proxy = new URL(process.env.HTTPS_PROXY);
    const authority = `${url.hostname}:${url.port || 443}`;
    return new Promise((resolve, reject) => {
        const connect = http.request({
            host: proxy.hostname, port: proxy.port, method: "CONNECT", path: authority, headers: { Host: authority },
        });
        connect.on("error", reject);
        connect.on("connect", (_, socket) => {
            const request = https.request(url, { method, headers, socket, agent: false, servername: url.hostname });
            request.on("error", reject);
            request.on("response", (answer) => {
                const pieces = [];
                answer.on("data", (piece) => pieces.push(piece));
                answer.on("end", () => {
                    socket.destroy();
                    resolve([answer.statusCode, answer.statusMessage, Buffer.concat(pieces)]);
                });
            });
            request.end(body);
        });
        connect.end();
    });
}

const knowsProxies = process.env.NODE_USE_ENV_PROXY && Number(process.versions.node.split(".")[0]) >= 24;
const [status, phrase, content] = await (knowsProxies ? byFetch() : inTunnel());
console.log(JSON.stringify({
    status, sha256: createHash("sha256").update(content).digest("hex"), failure: status < 400 ? "" : phrase,
    text: content.toString().slice(0, 4000),
}));
