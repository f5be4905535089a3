//! Every switch that is not a name.

mod listings;
mod writes;

use xopero_simulator::{Dialect, dialect::LoginRejection};

use crate::client::{EMAIL, speaking};

#[tokio::test]
async fn a_rejected_login_has_one_of_three_statuses() {
    for (login_rejection, status) in [
        (LoginRejection::Unauthorized, 401),
        (LoginRejection::BadRequest, 400),
        (LoginRejection::Forbidden, 403),
    ] {
        let (_simulator, client) = speaking(Dialect {
            login_rejection,
            ..Dialect::default()
        })
        .await;
        assert_eq!(client.login(EMAIL, "wrong").await.status, status);
    }
}
