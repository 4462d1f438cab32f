// What scripts share through the page. tests/http/scripts.rs compares the events with the constants in src/live/page_events.rs.

/** An address and the fields of a form. */
type FormRequest = [address: string, fields: string[][] | URLSearchParams];

interface Window {
    /** Shows what was done, and what takes it back; more of the same kind is taken back together. src/scripts/undo.js */
    offerUndo: (kind: string, said: string, requests: FormRequest[]) => void;
    /** Says that a task was added if no list of the page has it, with a link to one that does. src/scripts/undo.js */
    offerShow: (added: { id?: string; title: string; said: string; path: string }) => void;
    /** The texts of a page that is not English, set by src/ui/layout.rs. */
    texts?: Record<string, string>;
}

interface WindowEventMap {
    /** A script asks for a change of tasks: the fields of the form `#selection`. */
    "change-tasks": CustomEvent<[name: string, value: string][]>;
    /** A script has changed tasks: the lists fetch them. */
    "tasks-changed": Event;
    /** The page's socket has received an event about tasks. */
    "task-event": Event;
    /** The page's socket has received a notification. */
    notification: Event;
}
