using System.Text;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.RemoteClones;

/// <summary>
/// A credential on its way to git: in the environment of the one process, as a header for the one host. It stands in no
/// argument, no file and no address, and is taken out of whatever git says.
/// </summary>
internal sealed class RemoteCredential(PushAccess access)
{
    private static readonly string[] Passed =
    [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "NO_PROXY",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "GIT_SSL_CAINFO",
    ];

    private readonly string basic = Convert.ToBase64String(
        Encoding.UTF8.GetBytes(access.User + ":" + access.Secret)
    );

    /// <summary>Variables with which git reaches the host.</summary>
    public Dictionary<string, string> Variables()
    {
        var more = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GIT_ALLOW_PROTOCOL"] = "http:https",
            ["GIT_CONFIG_COUNT"] = "2",
            ["GIT_CONFIG_KEY_0"] =
                $"http.{access.Address.GetLeftPart(UriPartial.Authority)}/.extraHeader",
            ["GIT_CONFIG_VALUE_0"] = "Authorization: Basic " + basic,
            // Nobody is asked, and nothing is remembered.
            ["GIT_CONFIG_KEY_1"] = "credential.helper",
            ["GIT_CONFIG_VALUE_1"] = "",
        };
        foreach (var name in Passed)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                more[name] = value;
            }
        }
        return more;
    }

    /// <summary>The text without the credential in any form that git has of it.</summary>
    public string Clean(string text) =>
        text.Replace(basic, "[redacted]", StringComparison.Ordinal)
            .Replace(access.Secret, "[redacted]", StringComparison.Ordinal);
}
