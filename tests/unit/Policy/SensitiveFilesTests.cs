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
    public void D18_A_secret_file_is_never_committed(string path) =>
        Assert.True(SensitiveFiles.Is(path));

    [Theory]
    [InlineData(".env.example")]
    [InlineData("id_rsa.pub")]
    [InlineData("my.environment.ts")]
    [InlineData("api.keys.ts")]
    [InlineData("docs/credentials.md")]
    public void D18_A_harmless_name_passes(string path) => Assert.False(SensitiveFiles.Is(path));
}
