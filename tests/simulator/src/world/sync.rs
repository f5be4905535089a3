//! Synchronization: what the Git service holds becomes what is known. And what plans attach by themselves.

use std::time::Instant;

use uuid::Uuid;

use super::{Organization, Project, Repository, Until, UpstreamRepository, World};
use crate::{
    ids,
    state::{Method, Synchronization},
};

impl World {
    /// Begins a synchronization; false when one is under way.
    pub(crate) fn start_synchronization(&mut self, id: Uuid, now: Instant) -> bool {
        let lasts = self.synchronization;
        let Some(organization) = self.organization_mut(id) else {
            return false;
        };
        if organization.synchronizing.is_some() {
            return false;
        }
        organization.synchronizing = Some(match lasts {
            Synchronization::Lasts(duration) => Until::Time(now + duration),
            Synchronization::UntilReleased => Until::Released,
        });
        self.settle(now);
        true
    }

    /// Ends a synchronization that is under way.
    pub(crate) fn release_synchronization(&mut self, id: Uuid) -> bool {
        let under_way = self
            .organization_mut(id)
            .and_then(|organization| organization.synchronizing.take());
        if under_way.is_some() {
            self.synchronize(id);
        }
        under_way.is_some()
    }

    /// Lets happen what is due by now.
    pub(crate) fn settle(&mut self, now: Instant) {
        let due: Vec<Uuid> = self
            .organizations
            .iter()
            .filter(|organization| match organization.synchronizing {
                Some(Until::Time(end)) => end <= now,
                Some(Until::Released) | None => false,
            })
            .map(|organization| organization.id)
            .collect();
        for id in due {
            self.release_synchronization(id);
        }
    }

    /// Before a listing: a plan whose rules attach by themselves has done so.
    pub(crate) fn reattach(&mut self) {
        let due: Vec<Uuid> = self
            .plans
            .iter()
            .filter(|(_, plan)| plan.selection.reattaches && plan.selection.unsettled)
            .map(|(id, _)| *id)
            .collect();
        for plan in due {
            self.select(plan);
        }
    }

    /// Brings what is known to what the Git service holds, and marks as removed what it holds no more.
    fn synchronize(&mut self, id: Uuid) {
        let Some(organization) = self.organization(id) else {
            return;
        };
        let vanished: Vec<Uuid> = organization
            .repositories
            .iter()
            .map(|place| place.id)
            .filter(|id| !organization.upstream.contains_key(id))
            .collect();
        let present: Vec<(Uuid, UpstreamRepository)> = organization
            .upstream
            .iter()
            .map(|(id, upstream)| (*id, upstream.clone()))
            .collect();
        let automatic_licensing = organization.automatic_licensing;
        let plans = organization.plans.clone();
        for repository in vanished {
            self.mark_removed(repository, true);
        }
        for (repository, upstream) in present {
            if self.repositories.contains_key(&repository) {
                self.mark_removed(repository, false);
                self.rename(repository, &upstream.name);
            } else {
                let licensed = automatic_licensing && self.licences_left() != Some(0);
                self.know_upstream(id, repository, upstream, licensed);
            }
        }
        for plan in plans {
            self.select(plan);
        }
    }

    #[expect(
        clippy::fn_params_excessive_bools,
        reason = "it is the field of the row made"
    )]
    fn know_upstream(
        &mut self,
        organization: Uuid,
        id: Uuid,
        upstream: UpstreamRepository,
        licensed: bool,
    ) {
        let project = upstream
            .project
            .map(|project| self.project_named(organization, &project));
        self.know(
            id,
            Repository {
                organization,
                name: upstream.name,
                project,
                licensed,
                removed: false,
                plans: std::collections::BTreeSet::new(),
            },
        );
    }

    /// The project of this name, which is made if there is none.
    pub(crate) fn project_named(&mut self, organization: Uuid, name: &str) -> Uuid {
        let found = self.organization(organization);
        if let Some(project) = found.and_then(|found| found.projects.get(name)) {
            return *project;
        }
        let organization_name = found.map_or("", |found| found.name.as_str());
        let id = ids::project(organization_name, name);
        self.add_project(id, organization, name);
        id
    }

    pub(crate) fn add_project(&mut self, id: Uuid, organization: Uuid, name: &str) {
        let project = Project {
            organization,
            name: name.to_owned(),
            plans: std::collections::BTreeSet::new(),
            repositories: std::collections::BTreeSet::new(),
        };
        self.projects.insert(id, project);
        if let Some(organization) = self.organization_mut(organization) {
            organization.projects.insert(name.to_owned(), id);
        }
    }

    /// Attaches what a plan selects by itself.
    pub(crate) fn select(&mut self, plan: Uuid) {
        let Some(found) = self.plans.get_mut(&plan) else {
            return;
        };
        found.selection.unsettled = false;
        let selection = found.selection.clone();
        if selection.method == Method::Selected {
            return;
        }
        let selected: Vec<Uuid> = found
            .organizations
            .clone()
            .into_iter()
            .filter_map(|id| self.organization(id))
            .flat_map(Organization::ids)
            .filter(|id| {
                self.repositories.get(id).is_some_and(|repository| {
                    !repository.removed
                        && match selection.method {
                            Method::Selected => false,
                            Method::Everything => true,
                            Method::Rules => selection
                                .rules
                                .iter()
                                .any(|rule| matches(rule, &repository.name)),
                        }
                })
            })
            .collect();
        for repository in selected {
            self.attach(plan, repository);
        }
    }
}

impl Organization {
    fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.repositories.iter().map(|place| place.id)
    }
}

/// Whether a wildcard matches a whole name: `*` is any text, `?` one character, casing does not matter.
fn matches(wildcard: &str, name: &str) -> bool {
    fn rest(wildcard: &[char], name: &[char]) -> bool {
        match (wildcard.split_first(), name.split_first()) {
            (None, None) => true,
            (Some(('*', after)), Some((_, shorter))) => {
                rest(after, name) || rest(wildcard, shorter)
            }
            (Some(('*', after)), None) => rest(after, name),
            (Some(('?', after)), Some((_, shorter))) => rest(after, shorter),
            (Some((letter, after)), Some((first, shorter))) => {
                letter == first && rest(after, shorter)
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    rest(&letters(wildcard), &letters(name))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_wildcard_matches_the_whole_name() {
        assert!(matches("cluster-api*", "Cluster-API-operator"));
        assert!(matches("k?sh", "kush"));
        assert!(matches("*", ""));
        assert!(!matches("kind", "kind2"));
        assert!(!matches("k?", "k"));
    }
}
