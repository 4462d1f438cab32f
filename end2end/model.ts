// A language model's endpoint for the tests: the published protocol, answered by a function of the conversation.
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Message = { role: string; content: string | null };
/** What the model does: words that come one after the other, a call of a tool, or words that wait for `release`. */
export type Turn = { words: string[] } | { call: string; with: object } | { words: string[]; hold: true };

export class Model {
    private release?: () => void;

    private constructor(
        private readonly http: HttpServer,
        private readonly answer: (messages: Message[]) => Turn,
    ) {}

    static async start(answer: (messages: Message[]) => Turn) {
        const http = createServer();
        const model = new Model(http, answer);
        http.on("request", (request, response) => void model.complete(request, response));
        await new Promise<void>((ready) => http.listen(0, "127.0.0.1", ready));
        return model;
    }

    /** The settings of a server that asks it. */
    get settings(): Record<string, string> {
        const { port } = this.http.address() as AddressInfo;
        return { TALLYBOARD_ASSISTANT_BASE_URL: `http://127.0.0.1:${port}/v1`, TALLYBOARD_ASSISTANT_MODEL: "scripted" };
    }

    /** Lets words that are held go on. */
    goOn() {
        this.release?.();
    }

    stop() {
        this.http.closeAllConnections();
        this.http.close();
    }

    private async complete(request: IncomingMessage, response: ServerResponse) {
        let body = "";
        for await (const part of request) body += part;
        const { messages } = JSON.parse(body) as { messages: Message[] };
        const turn = this.answer(messages);
        response.writeHead(200, { "content-type": "text/event-stream" });
        const send = (data: object) => response.write(`data: ${JSON.stringify(data)}\n\n`);
        const delta = (delta: object, finish_reason: string | null = null) => send({ choices: [{ index: 0, delta, finish_reason }] });
        if ("call" in turn) {
            const call = { name: turn.call, arguments: JSON.stringify(turn.with) };
            delta({ tool_calls: [{ index: 0, id: "call_0", type: "function", function: call }] });
            delta({}, "tool_calls");
        } else {
            for (const word of turn.words) delta({ content: word });
            if ("hold" in turn) await new Promise<void>((released) => (this.release = released));
            delta({}, "stop");
        }
        send({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 10 } });
        response.end("data: [DONE]\n\n");
    }
}
