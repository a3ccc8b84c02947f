namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Code =>
        [
            new(
                "GitHub token, classic",
                "github-token",
                "docs.github.com: token formats",
                "ghp_[A-Za-z0-9]{36}"
            ),
            new(
                "GitHub OAuth token",
                "github-token",
                "docs.github.com: token formats",
                "gho_[A-Za-z0-9]{36}"
            ),
            new(
                "GitHub user-to-server token",
                "github-token",
                "docs.github.com: token formats",
                "ghu_[A-Za-z0-9]{36}"
            ),
            new(
                "GitHub server-to-server token",
                "github-token",
                "docs.github.com: token formats",
                "ghs_[A-Za-z0-9]{36}"
            ),
            new(
                "GitHub refresh token",
                "github-token",
                "docs.github.com: token formats",
                "ghr_[A-Za-z0-9]{76}"
            ),
            new(
                "GitHub token, fine-grained",
                "github-token",
                "docs.github.com: token formats",
                "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"
            ),
            new(
                "GitLab token",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "glpat-[A-Za-z0-9_-]{20}"
            ),
            new(
                "GitLab token, routable",
                "gitlab-token",
                "gitleaks: config/gitleaks.toml, gitlab-pat-routable",
                "glpat-[A-Za-z0-9_-]{27,60}.[0-9a-z]{9}"
            ),
            new(
                "GitLab token, routable with a version",
                "gitlab-token",
                "docs.gitlab.com: routable tokens",
                "glpat-[A-Za-z0-9_-]{27,60}.01.[0-9a-z]{9}"
            ),
            new(
                "GitLab runner token",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "glrt-[A-Za-z0-9_-]{20}"
            ),
            new(
                "GitLab deploy token",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "gldt-[A-Za-z0-9_-]{20}"
            ),
            new(
                "GitLab trigger token",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "glptt-[0-9a-f]{40}"
            ),
            new(
                "GitLab job token",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "glcbt-[0-9a-f]{1,5}_[A-Za-z0-9_-]{20}"
            ),
            new(
                "GitLab agent token",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "glagent-[A-Za-z0-9_-]{50}"
            ),
            new(
                "GitLab OAuth secret",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "gloas-[0-9a-f]{64}"
            ),
            new(
                "GitLab registration token",
                "gitlab-token",
                "docs.gitlab.com: token prefixes",
                "GR1348941[A-Za-z0-9_-]{20}"
            ),
            new(
                "Atlassian token",
                "atlassian-token",
                "gitleaks: config/gitleaks.toml, atlassian-api-token",
                "ATATT3[A-Za-z0-9_-]{180}=[0-9A-F]{8}"
            ),
            new(
                "Bitbucket app password",
                "atlassian-token",
                "GitHub: supported secret scanning patterns, bitbucket_server_personal_access_token, ATBB",
                "ATBB[A-Za-z0-9]{32}"
            ),
            new(
                "CircleCI personal token",
                "circleci-token",
                "circleci.com docs: CCIPAT_",
                "CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}"
            ),
            new(
                "CircleCI project token",
                "circleci-token",
                "circleci.com docs: CCIPRJ_",
                "CCIPRJ_[A-Za-z0-9]{22}_[0-9a-f]{40}"
            ),
            new(
                "Buildkite token",
                "buildkite-token",
                "buildkite.com docs: bkua_",
                "bkua_[0-9a-f]{40}"
            ),
            new(
                "SonarQube user token",
                "sonar-token",
                "docs.sonarsource.com: token prefixes",
                "squ_[0-9a-f]{40}"
            ),
            new(
                "SonarQube project token",
                "sonar-token",
                "docs.sonarsource.com: token prefixes",
                "sqp_[0-9a-f]{40}"
            ),
            new(
                "Sourcegraph token",
                "sourcegraph-token",
                "docs.sourcegraph.com: sgp_",
                "sgp_[0-9a-f]{16}_[0-9a-f]{40}"
            ),
            new(
                "Octopus Deploy key",
                "octopus-key",
                "gitleaks: config/gitleaks.toml, octopus-deploy-api-key",
                "API-[A-Z0-9]{26}"
            ),
            new(
                "Harness token",
                "harness-token",
                "gitleaks: config/gitleaks.toml, harness-api-key",
                "pat.[A-Za-z0-9_-]{22}.[0-9a-f]{24}.[A-Za-z0-9]{20}"
            ),
            new(
                "LaunchDarkly SDK key",
                "launchdarkly-key",
                "docs.launchdarkly.com: sdk- and a UUID",
                "sdk-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
            ),
            new(
                "npm token",
                "npm-token",
                "gitleaks: config/gitleaks.toml, npm-access-token",
                "npm_[A-Za-z0-9]{36}"
            ),
            new(
                "PyPI token",
                "pypi-token",
                "gitleaks: config/gitleaks.toml, pypi-upload-token",
                "pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,150}"
            ),
            new(
                "RubyGems key",
                "rubygems-key",
                "gitleaks: config/gitleaks.toml, rubygems-api-token",
                "rubygems_[0-9a-f]{48}"
            ),
            new(
                "NuGet key",
                "nuget-key",
                "GitHub: supported secret scanning patterns, nuget_api_key",
                "oy2[a-z0-9]{43}"
            ),
            new(
                "crates.io token",
                "crates-token",
                "GitHub: supported secret scanning patterns, crates_io_api_token",
                "cio[A-Za-z0-9]{32}"
            ),
            new(
                "Clojars token",
                "clojars-token",
                "gitleaks: config/gitleaks.toml, clojars-api-token",
                "CLOJARS_[0-9a-f]{60}"
            ),
        ];
}
