using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class SettingSecretsTests
{
    [Theory]
    [InlineData("Telegram:Token")]
    [InlineData("webhooks__hmacSECRET")]
    [InlineData("Smtp:Password")]
    [InlineData("Smtp:PassWd")]
    [InlineData("Git:Credential")]
    [InlineData("Cluster:ConnectionString")]
    [InlineData("Service:ApiKey")]
    [InlineData("SERVICE_API_KEY")]
    [InlineData("SIGNING_KEY")]
    [InlineData("Tls:Key")]
    [InlineData("Tls__Key")]
    [InlineData("Http:Auth")]
    [InlineData("Http:Cookie")]
    [InlineData("Runner:Script")]
    [InlineData("Runner:ClaudeCode:Environment:LANG")]
    [InlineData("Runner__ClaudeCode__environment__LANG")]
    public void A_name_with_such_a_word_is_secret(string key)
    {
        Assert.True(SettingSecrets.IsSecret(key));
        Assert.Equal("(set)", SettingSecrets.Shown(key, "value"));
        Assert.Equal("", SettingSecrets.Shown(key, ""));
    }

    [Theory]
    [InlineData("Runner:Slots")]
    [InlineData("Keyboard")]
    [InlineData("Environment:LANG")]
    [InlineData("Runner:Environments")]
    [InlineData("A_P_I:K_e_y")]
    public void Another_name_is_none(string key)
    {
        Assert.False(SettingSecrets.IsSecret(key));
        Assert.Equal("value", SettingSecrets.Shown(key, "value"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:5140", "http://127.0.0.1:5140/")]
    [InlineData("http://127.0.0.1:5140/", "http://127.0.0.1:5140/")]
    [InlineData("https://host/a", "https://host/…")]
    [InlineData("https://host/?a=b", "https://host/…")]
    [InlineData("https://user:word@host/a/b?c", "https://host/…")]
    [InlineData("https://user@host", "https://host/")]
    [InlineData("https://a/x;http://b:80", "https://a/…;http://b/")]
    [InlineData("https://a;no address", "https://a/;(set)")]
    [InlineData("a b://host", "(set)")]
    public void Of_an_address_scheme_and_host_are_shown(string value, string shown) =>
        Assert.Equal(shown, SettingSecrets.Shown("Api:Url", value));

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(499, 499, false)]
    [InlineData(500, 500, false)]
    [InlineData(501, 500, true)]
    [InlineData(9_000, 500, true)]
    public void A_long_value_is_cut_and_says_so(int length, int shown, bool cut) =>
        Assert.Equal(
            new string('x', shown) + (cut ? "…" : ""),
            SettingSecrets.Shown("Queue:Name", new string('x', length))
        );

    [Fact]
    public void Name_and_value_are_wanted()
    {
        Assert.Throws<ArgumentNullException>(() => SettingSecrets.IsSecret(null!));
        Assert.Throws<ArgumentNullException>(() => SettingSecrets.Shown(null!, ""));
        Assert.Throws<ArgumentNullException>(() => SettingSecrets.Shown("a", null!));
    }
}
