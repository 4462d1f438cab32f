use serde_json::json;

use crate::support::{Client, Kind, Server, best_times};

async fn found(who: &Client, list: &str, words: &str) -> Vec<String> {
    let words: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    let mut titles = who.listed(&format!("/api/tasks?{list}q={words}"), "title").await;
    titles.sort();
    titles
}

on_both_databases! {
    async fn words_are_found_in_any_case_and_signs_are_letters(server) {
        let ada = server.user("Ada").await;
        let tasks = [
            ("Ärger im Büro", "über den Straßenlärm"), ("ΟΔΟΣ ΟΔΥΣΣΕΩΣ", ""), ("50 % of \"it\" AND_more", "C:\\temp NEAR(a b)"),
            ("Купить молоко", "два литра"), ("日本語の本", ""), ("Plain", "with a\nsecond line"),
        ];
        for (title, description) in tasks {
            ada.post("/api/tasks", json!({ "title": title, "description": description })).await.expect(201);
        }
        for (words, title) in [
            ("ärger", 0), ("ÄRGER", 0), ("Är", 0), ("ä", 0), ("BÜRO", 0), ("STRASSEN", 9), ("straßen", 0), ("ÜBER DEN", 0),
            ("arger", 9), ("rger i", 0), ("οδοσ οδ", 1), ("Οδοσ", 1), ("οδος", 1), ("ς ο", 1), ("σσ", 1), ("σ", 1), ("50 % of", 2), ("50 _ of", 9), ("%", 2), ("\"it\"", 2),
            ("\"", 2), ("and_MORE", 2), ("d_m", 2), ("c:\\T", 2), ("near(A b)", 2), ("a OR b", 9), ("it*", 9), ("МОЛОКО", 3), ("КУ", 3),
            ("ДВА ЛИТРА", 3), ("本語", 4), ("本", 4), ("日本語の", 4), ("second", 5), ("plain with", 9), ("'", 9),
        ] {
            let expected: Vec<_> = tasks.get(title).map(|(title, _)| (*title).to_owned()).into_iter().collect();
            assert_eq!(found(&ada, "", words).await, expected, "{words}");
        }
    }

    async fn what_is_found_is_what_there_is_and_what_one_may_read(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[(&grace, "viewer")]).await;
        let [milk, bread, wine] = ["Buy milk", "Buy bread", "Buy wine"];
        let task = ada.task(milk).await;
        let team_task = ada.team_task(bread, &team).await;
        let graces = grace.task(wine).await;
        server.share(&task, &ada, &grace, "view").await;
        let in_team = format!("team_id={team}&");
        for words in ["buy", "bu"] {
            assert_eq!(found(&ada, "", words).await, [bread, milk]);
            assert_eq!(found(&ada, &in_team, words).await, [bread]);
            assert_eq!(found(&grace, "", words).await, [wine]);
            assert_eq!(found(&grace, &in_team, words).await, [bread]);
            assert_eq!(found(&grace, "shared=with_me&", words).await, [milk]);
            assert_eq!(found(&eve, "", words).await, [""; 0]);
            assert_eq!(found(&eve, "shared=with_me&", words).await, [""; 0]);
            eve.get(&format!("/api/tasks?q={words}&{in_team}")).await.expect_error(403, "FORBIDDEN");
        }
        ada.patch(&format!("/api/tasks/{task}"), json!({ "title": "Sell cheese", "description": "Not milk" })).await.expect(200);
        assert_eq!(found(&ada, "", "buy").await, [bread]);
        assert_eq!(found(&ada, "", "milk").await, ["Sell cheese"]);
        assert_eq!(found(&grace, "shared=with_me&status=pending&", "cheese").await, ["Sell cheese"]);
        assert_eq!(found(&grace, "shared=with_me&status=completed&", "cheese").await, [""; 0]);
        ada.patch(&format!("/api/tasks/{task}"), json!({ "description": null })).await.expect(200);
        assert_eq!(found(&ada, "", "milk").await, [""; 0]);
        ada.delete(&format!("/api/tasks/{team_task}")).await.expect(204);
        assert_eq!(found(&ada, "", "buy").await, [""; 0]);
        grace.touch(&format!("/api/tasks/{graces}/complete")).await.expect(200);
        assert_eq!(found(&grace, "status=completed&", "WINE").await, [wine]);
    }

    async fn pages_of_a_search_have_no_gaps_and_no_doubles(server) {
        let ada = server.user("Ada").await;
        for number in 0..12 {
            ada.task(&format!("{} number {number}", if number % 3 == 0 { "Öl" } else { "al" })).await;
        }
        assert_eq!(found(&ada, "", "number").await.len(), 12);
        // SQLite reads these two letters as "any letter, then l", and compares again.
        assert_eq!(found(&ada, "", "öl").await.len(), 4);
        assert_eq!(found(&ada, "", "öl number").await.len(), 4);
    }
}

/// 100,000 tasks with a number in each. Two letters that are nowhere are too few for the index, so that
/// search reads every task; the searches with the index take less than a fourth of its time.
pub async fn is_fast(server: &Server, who: &Client) {
    for (words, hits) in [("nowhere", 0), ("task", 50), ("task 99999", 1), ("9999", 19)] {
        let path = format!("/api/tasks?limit=50&q={}", words.replace(' ', "%20"));
        let [best, every_task] = best_times(6, [(who, &path, hits), (who, "/api/tasks?limit=50&q=qx", 0)]).await;
        println!("{:?}: {words}: {best:?}, all tasks {every_task:?}", server.kind);
        assert!(best * 4 < every_task, "{words}: {best:?}, all tasks {every_task:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_search_among_100_000_tasks_is_fast() {
    let server = Server::start(Kind::Postgres, &[]).await;
    let ada = server.user("Ada").await;
    server
        .sql(format!(
            "INSERT INTO tasks (id, user_id, title, created_at, updated_at)
             SELECT gen_random_uuid(), '{}', 'Task ' || n, now() - n * interval '1 minute', now() FROM generate_series(1, 100000) n",
            ada.id
        ))
        .await;
    is_fast(&server, &ada).await;
}
