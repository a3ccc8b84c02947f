using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <summary>Section <c>GitHub</c>: GitHub or GitHub Enterprise, where work is pushed and shown. Nothing configured: no pull requests there.</summary>
internal sealed class GitHubOptions
{
    /// <summary>Address of the API. Default <c>https://api.github.com/</c>; GitHub Enterprise Server: <c>https://HOST/api/v3/</c>.</summary>
    public string Address { get; set; } = "https://api.github.com/";

    /// <summary>A token, fine-grained or classic; or an App instead. Default: empty.</summary>
    public string Token { get; set; } = "";

    /// <summary>Id of a GitHub App, which needs <see cref="AppKeyFile"/>. Default 0 = none.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "GitHub:AppId must be 0 or more.")]
    public long AppId { get; set; }

    /// <summary>Full path of the App's private key, PEM; read anew for each token. Default: empty.</summary>
    public string AppKeyFile { get; set; } = "";

    /// <summary>The App's installation. Default 0 = found by the repository.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "GitHub:InstallationId must be 0 or more.")]
    public long InstallationId { get; set; }

    /// <summary>Name of the product's own commit status. Default <c>orchestrator</c>; 1 to 100 characters.</summary>
    [StringLength(
        100,
        MinimumLength = 1,
        ErrorMessage = "GitHub:StatusContext must have 1 to 100 characters."
    )]
    public string StatusContext { get; set; } = "orchestrator";

    /// <summary>Longest time of one call to the API, wall clock. Default 30 seconds; 0.1 seconds to 5 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.1",
        "00:05:00",
        ErrorMessage = "GitHub:TimeMax must be 00:00:00.1 to 00:05:00."
    )]
    public TimeSpan TimeMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest answer that is read, bytes; of a log its end. Default 16 MiB; 64 KiB to 256 MiB.</summary>
    [Range(65_536, 268_435_456, ErrorMessage = "GitHub:AnswerBytesMax must be 65536 to 268435456.")]
    public int AnswerBytesMax { get; set; } = 16_777_216;

    /// <summary>True when there is a credential.</summary>
    internal bool IsConfigured() => Token.Length > 0 || AppId > 0;

    /// <summary>True for the token of a workflow's job: what it pushes starts no workflow.</summary>
    internal bool IsOfAJob() => Token.StartsWith("ghs_", StringComparison.Ordinal);

    /// <summary>The API's address; it ends with a slash.</summary>
    internal Uri Api() => new(Address.EndsWith('/') ? Address : Address + "/", UriKind.Absolute);

    /// <summary>Where people look and git fetches: <c>https://github.com/</c> for GitHub, the same host for an Enterprise Server.</summary>
    internal Uri Web()
    {
        var api = Api();
        var host = api.Host.StartsWith("api.", StringComparison.OrdinalIgnoreCase)
            ? api.Host[4..]
            : api.Host;
        return new UriBuilder(api.Scheme, host, api.IsDefaultPort ? -1 : api.Port).Uri;
    }

    /// <summary>Address of the GraphQL API.</summary>
    internal Uri Graph()
    {
        var api = Api();
        return api.AbsolutePath.EndsWith("/api/v3/", StringComparison.Ordinal)
            ? new Uri(api, "../graphql")
            : new Uri(api, "graphql");
    }
}

/// <summary>What one setting cannot show by itself.</summary>
internal sealed class GitHubOptionsRules : IValidateOptions<GitHubOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, GitHubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();
        if (
            !Uri.TryCreate(options.Address, UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http")
            || address.UserInfo.Length > 0
        )
        {
            problems.Add(
                "GitHub:Address must be the address of an API without a credential in it: https://api.github.com/, or https://HOST/api/v3/ for GitHub Enterprise Server."
            );
        }
        else if (address.Scheme == "http" && !address.IsLoopback)
        {
            problems.Add(
                "GitHub:Address must begin with https://: the credential would cross the network in the open."
            );
        }
        if (options is { Token.Length: > 0, AppId: > 0 })
        {
            problems.Add("GitHub:Token and GitHub:AppId exclude each other: set one of them.");
        }
        if (
            options.AppId > 0
                ? options.AppKeyFile.Length == 0
                : options is { AppKeyFile.Length: > 0, Token.Length: 0 }
        )
        {
            problems.Add(
                "GitHub:AppId and GitHub:AppKeyFile belong together: set both, or neither."
            );
        }
        if (options.Token.Any(char.IsWhiteSpace))
        {
            problems.Add("GitHub:Token holds a blank or a line end; a token has none.");
        }
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }
}
