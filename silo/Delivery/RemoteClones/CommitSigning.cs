using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Delivery.RemoteClones;

/// <summary>Signs the product's own commits, when a key is configured.</summary>
internal sealed class CommitSigning(IOptions<DeliveryOptions> options)
{
    /// <summary>Arguments of git before the command.</summary>
    public string[] Configuration() =>
        options.Value is { SigningKey.Length: > 0 } signing
            ?
            [
                "-c",
                "gpg.format=" + signing.SigningFormat,
                "-c",
                "user.signingKey=" + signing.SigningKey,
            ]
            : [];

    /// <summary>Arguments of <c>commit-tree</c>.</summary>
    public string[] Arguments() => options.Value.SigningKey.Length > 0 ? ["-S"] : [];

    /// <summary>Variables: the folder in which gpg keeps keys is the user's own.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables()
    {
        if (options.Value is not { SigningKey.Length: > 0, SigningFormat: "openpgp" })
        {
            yield break;
        }
        var own = Environment.GetEnvironmentVariable("GNUPGHOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (own is { Length: > 0 } || !OperatingSystem.IsWindows())
        {
            yield return new(
                "GNUPGHOME",
                own is { Length: > 0 } ? own : Path.Combine(home, ".gnupg")
            );
        }
        if (
            OperatingSystem.IsWindows()
            && Environment.GetEnvironmentVariable("APPDATA") is { Length: > 0 } data
        )
        {
            yield return new("APPDATA", data);
        }
    }
}
