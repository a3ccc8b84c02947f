using CsCheck;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class RedactorTests
{
    private static readonly Redactor Redactor = new(["the-literal-secret"]);

    // Put together at run time, so that no scanner takes this file for a leak.
    public static TheoryData<string> Secrets =>
        [
            "AKIA" + "ABCDEFGHIJKLMNOP",
            "ghp_" + new string('a', 36),
            "github_pat_" + new string('b', 30),
            "glpat-" + new string('c', 20),
            "sk-ant-" + new string('d', 40),
            "AIza" + new string('e', 35),
            "123456789:" + new string('f', 35),
            "npm_" + new string('g', 36),
            "Authorization: Bearer " + new string('h', 24),
            "postgres://user:" + "geheim123@db/x",
            "Server=db;Password=" + "Geheim123;",
            "api_key = \"" + "a8Jk2mLq9ZxT4vBn7" + "\"",
            "the-literal-secret",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----",
        ];

    [Theory]
    [MemberData(nameof(Secrets))]
    public void D24_A_planted_secret_is_gone_and_redacting_again_changes_nothing(string secret)
    {
        var once = Redactor.Redact($"before {secret} after");

        Assert.Contains("[redacted:", once, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, once, StringComparison.Ordinal);
        Assert.Equal(once, Redactor.Redact(once));
        Assert.NotEmpty(Redactor.Find(secret, 10));
    }

    [Theory]
    [InlineData("password = getPassword()")]
    [InlineData("token: ${{ secrets.GITHUB_TOKEN }}")]
    [InlineData("commit 3f786850e387550fdab836ed7e6dc881de23001b")]
    [InlineData("id 9f1c0e5e-3c1d-4f6e-8a43-0a6e0f0b7c11")]
    [InlineData("\"integrity\": \"sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ\"")]
    [InlineData("the password must have twelve characters")]
    public void Ordinary_text_stays_as_it_is(string text) =>
        Assert.Equal(text, Redactor.Redact(text));

    [Fact]
    public void Redacting_is_idempotent_for_any_text() =>
        Gen.String.Sample(text =>
        {
            var once = Redactor.Redact(text);
            Assert.Equal(once, Redactor.Redact(once));
        });
}
