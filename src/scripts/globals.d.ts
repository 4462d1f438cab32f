// What scripts share through the page. tests/http/scripts.rs compares the events with the constants in src/live/page_events.rs.

interface Window {
    /** The texts of a page that is not English, set by src/ui/layout.rs. */
    texts?: Record<string, string>;
}

interface WindowEventMap {
    /** A script asks for a change of tasks: the fields of the form `#selection`. */
    "change-tasks": CustomEvent<[name: string, value: string][]>;
    /** A script has changed tasks: the lists fetch them. */
    "tasks-changed": Event;
    /** The page's socket has received a notification. */
    notification: Event;
}
