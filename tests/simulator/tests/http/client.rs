//! A client that judges nothing, and the world that most tests begin with.

use std::sync::Once;

use reqwest::{Certificate, redirect::Policy};
use serde_json::{Value, json};
use uuid::Uuid;
use xopero_simulator::{
    Dialect, Endpoint, Simulator, State,
    builder::{organization, plan, project, repository, state, user},
};

pub(crate) const EMAIL: &str = "operator@example.com";
pub(crate) const PASSWORD: &str = "correct-horse";

/// Three organizations of three Git services, and ten licences of which four are used.
pub(crate) fn world() -> State {
    state()
        .user(user(EMAIL, PASSWORD))
        .licences(10)
        .with(
            organization("acme")
                .provider_driver(1)
                .plan("nightly")
                .plan(plan("weekly").including_metadata())
                .with(repository("api").licensed().in_plan("nightly"))
                .with("web")
                .with(repository("docs").licensed())
                .with(repository("old").licensed().in_plan("weekly").removed()),
        )
        .with(
            organization("harbour")
                .gitlab()
                .plan("hourly")
                .with(repository("platform/runtime/api").licensed())
                .with("platform/runtime/agents/linux"),
        )
        .with(
            organization("Northwind Mills")
                .azure_devops()
                .plan("Azure nightly")
                .project(project("Grain Ledger").in_plan("Azure nightly"))
                .project("Mill Control Systems")
                .with(repository("ledger").project("Grain Ledger"))
                .with(repository("common").project("Grain Ledger"))
                .with(repository("common").project("Mill Control Systems")),
        )
}

/// The world as a server writes it: in the order of its listings, without what is the default.
pub(crate) fn written_world() -> State {
    Simulator::start(world()).unwrap().state()
}

/// The world, speaking a dialect, and a client that has signed in.
pub(crate) async fn speaking(dialect: Dialect) -> (Simulator, Client) {
    start(world().dialect(dialect)).await
}

pub(crate) async fn start(state: State) -> (Simulator, Client) {
    let simulator = Simulator::start(state).unwrap();
    let client = Client::signed_in(&simulator).await;
    simulator.clear_journal();
    (simulator, client)
}

/// Calls endpoints, follows no redirect, repeats nothing.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The names of the rows of a page.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.json()["result"])
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }
}

pub(crate) fn names(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

impl Client {
    /// A client without a token.
    pub(crate) fn of(simulator: &Simulator) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            rustls::crypto::aws_lc_rs::default_provider()
                .install_default()
                .unwrap();
        });
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy();
        if let Some(ca) = simulator.ca_pem() {
            builder = builder.tls_certs_only([Certificate::from_pem(ca.as_bytes()).unwrap()]);
        }
        Self {
            http: builder.build().unwrap(),
            url: simulator.url(),
            token: None,
        }
    }

    pub(crate) async fn signed_in(simulator: &Simulator) -> Self {
        Self::of(simulator).sign_in(EMAIL, PASSWORD).await
    }

    pub(crate) async fn sign_in(self, email: &str, password: &str) -> Self {
        let answer = self.login(email, password).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        let token = answer
            .get("accessToken")
            .or_else(|| answer.get("AccessToken"));
        self.with_token(token.unwrap().as_str().unwrap())
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Reply {
        let body = json!({"email": email, "password": password, "rememberMe": true});
        self.call(Endpoint::Login, body).await
    }

    /// The same client, which trusts what it trusted, against another server.
    pub(crate) fn at(mut self, simulator: &Simulator) -> Self {
        self.url = simulator.url();
        self
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    pub(crate) async fn call(&self, endpoint: Endpoint, body: Value) -> Reply {
        self.try_call(endpoint, body).await.unwrap()
    }

    pub(crate) async fn try_call(
        &self,
        endpoint: Endpoint,
        body: Value,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self
            .http
            .post(format!("{}{}", self.url, endpoint.path()))
            .json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        read(request.send().await?).await
    }

    /// Any request, with the body as it is.
    pub(crate) async fn send(&self, method: reqwest::Method, path: &str, body: String) -> Reply {
        let request = self.http.request(method, format!("{}{path}", self.url));
        read(request.body(body).send().await.unwrap())
            .await
            .unwrap()
    }

    /// A page of repositories.
    pub(crate) async fn page(&self, organization: Uuid, limit: usize, page: usize) -> Reply {
        let body = json!({"organizationId": organization, "limit": limit, "page": page});
        self.call(Endpoint::ListRepositories, body).await
    }

    /// The rows of an organization's first page, by name.
    pub(crate) async fn row(&self, organization: Uuid, name: &str) -> Value {
        let rows = self.page(organization, 100, 1).await.json();
        let mut rows = rows["result"].as_array().unwrap().iter();
        rows.find(|row| row["name"] == name).unwrap().clone()
    }
}

async fn read(response: reqwest::Response) -> Result<Reply, reqwest::Error> {
    Ok(Reply {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await?,
    })
}

pub(crate) fn pair(simulator: &Simulator, plan: &str, repository: &str) -> Value {
    json!({
        "planid": simulator.plan_id("acme", plan).unwrap(),
        "repositoryid": simulator.repository_id("acme", repository).unwrap(),
    })
}

pub(crate) fn project_pair(simulator: &Simulator, project: &str) -> Value {
    json!({
        "planid": simulator.plan_id("Northwind Mills", "Azure nightly").unwrap(),
        "projectid": simulator.project_id("Northwind Mills", project).unwrap(),
    })
}

pub(crate) fn repositories(simulator: &Simulator, names: &[&str]) -> Value {
    let ids: Vec<Uuid> = names
        .iter()
        .map(|name| simulator.repository_id("acme", name).unwrap())
        .collect();
    json!({ "repositoryIds": ids })
}
