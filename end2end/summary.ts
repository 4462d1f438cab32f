// The last lines of a run: what failed or only passed again, each with its reason,
// because a log that is cut keeps its end.
import type { FullConfig, Reporter, Suite } from "@playwright/test/reporter";

export default class Summary implements Reporter {
    private suite?: Suite;

    onBegin(_config: FullConfig, suite: Suite) {
        this.suite = suite;
    }

    onEnd() {
        for (const test of this.suite?.allTests() ?? []) {
            if (!["unexpected", "flaky"].includes(test.outcome())) continue;
            const reasons = test.results.flatMap(({ errors }) => errors.map(({ message }) => message ?? ""));
            const plain = reasons.join("\n").replace(/\u001b\[\d+m/g, "").slice(0, 600);
            console.log(`${test.outcome().toUpperCase()} ${test.title}\n${plain}`);
        }
    }
}
