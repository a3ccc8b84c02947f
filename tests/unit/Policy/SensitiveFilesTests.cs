using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

public sealed class SensitiveFilesTests
{
    [Theory]
    [InlineData(".env")]
    [InlineData("src/.ENV")]
    [InlineData("a\\b\\.env.production")]
    [InlineData(".npmrc")]
    [InlineData("home/.aws/credentials")]
    [InlineData("config/secrets.yaml")]
    [InlineData("id_rsa")]
    [InlineData("server.KEY")]
    [InlineData("data/app.sqlite")]
    [InlineData("docs/a.md.tmp.2.8a32301c97d4")]
    [InlineData("a.tmp.1234567890.000000000000")]
    public void D18_A_secret_file_is_never_committed(string path) =>
        Assert.True(SensitiveFiles.Is(path));

    [Theory]
    [InlineData(".env.example")]
    [InlineData("id_rsa.pub")]
    [InlineData("my.environment.ts")]
    [InlineData("api.keys.ts")]
    [InlineData("docs/credentials.md")]
    [InlineData("docs/a.md.tmp.2.8a32301c97d")]
    [InlineData("docs/a.md.tmp.2.8a32301c97d4.md")]
    [InlineData("docs/a.md.tmp.12345678901.8a32301c97d4")]
    [InlineData("docs/a.md.tmp.x.8a32301c97d4")]
    [InlineData("docs/.tmp.2.8a32301c97d4")]
    [InlineData("docs/a.md-tmp.2.8a32301c97d4")]
    public void D18_A_harmless_name_passes(string path) => Assert.False(SensitiveFiles.Is(path));

    [Theory]
    [InlineData(
        "key pem p12 pfx crt csr secret private db sqlite sqlite3 log tmp tfstate tfvars jks keystore kdbx"
    )]
    public void D18_Files_of_these_kinds_are_never_committed(string kinds) =>
        Assert.All(
            kinds.Split(' '),
            kind =>
            {
                Assert.True(SensitiveFiles.Is($"a/b.{kind}"), kind);
                Assert.False(SensitiveFiles.Is($"a/{kind}"), kind);
                Assert.False(SensitiveFiles.Is($"a/b.{kind}.md"), kind);
            }
        );

    [Theory]
    [InlineData(
        ".env .npmrc .netrc _netrc .pypirc .pgpass .htpasswd secrets.json secrets.yaml secrets.yml config.local.py credentials.json id_rsa id_dsa id_ecdsa id_ed25519 kubeconfig .git-credentials"
    )]
    public void D18_Files_of_these_names_are_never_committed(string names) =>
        Assert.All(
            names.Split(' '),
            name =>
            {
                Assert.True(SensitiveFiles.Is(name), name);
                Assert.True(SensitiveFiles.Is("a/" + name.ToUpperInvariant()), name);
                Assert.False(SensitiveFiles.Is($"a/{name}-x"), name);
                Assert.False(SensitiveFiles.Is($"{name}/readme.md"), name);
            }
        );

    [Theory]
    [InlineData("example sample template dist defaults Example")]
    public void D18_An_environment_file_that_shows_the_form_passes(string endings) =>
        Assert.All(endings.Split(' '), e => Assert.False(SensitiveFiles.Is(".env." + e), e));

    [Theory]
    [InlineData(".aws", "credentials")]
    [InlineData(".docker", "config.json")]
    [InlineData(".kube", "config")]
    public void D18_Some_names_are_secret_in_their_own_folder_only(string folder, string name)
    {
        Assert.True(SensitiveFiles.Is($"home/{folder}/{name}"));
        Assert.True(SensitiveFiles.Is($"{folder}\\{name}".ToUpperInvariant()));
        Assert.False(SensitiveFiles.Is(name));
        Assert.False(SensitiveFiles.Is($"other/{name}"));
        Assert.False(SensitiveFiles.Is($"{folder}/other"));
        Assert.False(SensitiveFiles.Is($"{folder}/sub/{name}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("\\")]
    public void A_path_without_a_name_is_none(string path) => Assert.False(SensitiveFiles.Is(path));
}
