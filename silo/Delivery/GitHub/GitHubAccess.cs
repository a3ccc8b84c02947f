using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Octokit;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <summary>A credential for one repository.</summary>
/// <param name="Secret">The token.</param>
/// <param name="EndsAt">When it ends (UTC).</param>
/// <param name="MayPush">What its App was given; null = the repository's own answer says it.</param>
internal sealed record GitHubCredential(string Secret, DateTimeOffset EndsAt, bool? MayPush);

/// <summary>Who the product is on GitHub, and how much may still be asked.</summary>
/// <param name="Account">The login.</param>
/// <param name="Left">Calls left in this hour.</param>
/// <param name="Max">Calls per hour; 0 = not known.</param>
internal sealed record GitHubProbe(string Account, int Left, int Max);

/// <summary>
/// Who the product is on GitHub: a token, or an App that signs a note of ten minutes with its key and is given a token of an
/// hour for the one repository. The key is read for each note, so that a new one needs no restart.
/// </summary>
internal sealed class GitHubAccess(
    GitHubWire wire,
    IOptions<GitHubOptions> options,
    TimeProvider time
) : IDisposable
{
    private const int KnownMax = 1_000;

    // A push may take minutes, so no token is handed out in its last ones.
    private static readonly TimeSpan EndsBefore = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan NoteTime = TimeSpan.FromMinutes(9);

    // GitHub refuses a note from its future; clocks differ.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, GitHubCredential> known = new(
        StringComparer.OrdinalIgnoreCase
    );
    private readonly SemaphoreSlim turn = new(1, 1);
    private string account = "";

    /// <summary>True when a refused credential may be replaced by a new one.</summary>
    public bool Renews => options.Value.AppId > 0;

    /// <summary>The credential for a repository.</summary>
    /// <exception cref="PullRequestHostException">There is none.</exception>
    public async Task<GitHubCredential> ForAsync(
        string repository,
        CancellationToken cancellationToken
    )
    {
        if (options.Value.Token is { Length: > 0 } token)
        {
            return new GitHubCredential(token, DateTimeOffset.MaxValue, null);
        }
        if (Known(repository) is { } there)
        {
            return there;
        }
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (Known(repository) is { } made)
            {
                return made;
            }
            var credential = await MakeAsync(repository, cancellationToken);
            if (known.Count >= KnownMax)
            {
                known.Clear();
            }
            known[repository] = credential;
            return credential;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Forgets a credential that was refused.</summary>
    public void Forget(string repository, GitHubCredential refused) =>
        known.TryRemove(new KeyValuePair<string, GitHubCredential>(repository, refused));

    /// <summary>The login that the host shows for what the product says; asked once.</summary>
    public async Task<string> AccountAsync(CancellationToken cancellationToken)
    {
        if (account.Length == 0)
        {
            account = (await ProbeAsync(cancellationToken)).Account;
        }
        return account;
    }

    /// <summary>Asks who the credential stands for.</summary>
    public async Task<GitHubProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        if (Renews)
        {
            return await wire.AskAsync(
                Note(),
                "who is the App",
                async c =>
                {
                    var answer = await c.Get<GitHubApp>(new Uri("app", UriKind.Relative), null);
                    return Probe(answer.Body?.Slug + "[bot]", answer.HttpResponse);
                },
                cancellationToken
            );
        }
        try
        {
            return await wire.AskAsync(
                new Credentials(options.Value.Token),
                "whose token is it",
                async c =>
                {
                    var answer = await c.Get<GitHubUser>(new Uri("user", UriKind.Relative), null);
                    return Probe(answer.Body?.Login ?? "", answer.HttpResponse);
                },
                cancellationToken
            );
        }
        catch (PullRequestHostException e)
            when (e.Error == PullRequestHostError.Forbidden && options.Value.IsOfAJob())
        {
            return new GitHubProbe("github-actions[bot]", 0, 0);
        }
    }

    private static GitHubProbe Probe(string login, IResponse response) =>
        new(
            login,
            response.ApiInfo?.RateLimit?.Remaining ?? 0,
            response.ApiInfo?.RateLimit?.Limit ?? 0
        );

    /// <inheritdoc />
    public void Dispose() => turn.Dispose();

    private GitHubCredential? Known(string repository) =>
        known.TryGetValue(repository, out var there) && there.EndsAt - EndsBefore > time.GetUtcNow()
            ? there
            : null;

    private async Task<GitHubCredential> MakeAsync(
        string repository,
        CancellationToken cancellationToken
    )
    {
        var note = Note();
        var installation = options.Value.InstallationId;
        if (installation == 0)
        {
            installation = (
                await wire.AskAsync(
                    note,
                    $"the App's installation for {repository}",
                    async c =>
                        (
                            await c.Get<GitHubInstallation>(
                                new Uri($"repos/{repository}/installation", UriKind.Relative),
                                null
                            )
                        ).Body,
                    cancellationToken
                )
            ).Id;
        }
        var made = await wire.AskAsync(
            note,
            $"a token of the App for {repository}",
            async c =>
                (
                    await c.Post<GitHubInstallationToken>(
                        new Uri(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"app/installations/{installation}/access_tokens"
                            ),
                            UriKind.Relative
                        ),
                        new Dictionary<string, object>
                        {
                            ["repositories"] = new[] { repository.Split('/')[^1] },
                        },
                        "application/vnd.github+json",
                        "application/json",
                        cancellationToken: cancellationToken
                    )
                ).Body,
            cancellationToken
        );
        return made is { Token.Length: > 0 }
            ? new GitHubCredential(
                made.Token,
                made.ExpiresAt,
                made.Permissions?.GetValueOrDefault("contents") == "write"
            )
            : throw new PullRequestHostException(
                PullRequestHostError.Unavailable,
                $"{options.Value.Api().Authority} gave no token for {repository}."
            );
    }

    /// <summary>A note that says who the App is: a JSON web token, signed with RS256.</summary>
    private Credentials Note()
    {
        var now = time.GetUtcNow();
        var claims = new SortedDictionary<string, object>
        {
            ["exp"] = (now + NoteTime).ToUnixTimeSeconds(),
            ["iat"] = (now - ClockSkew).ToUnixTimeSeconds(),
            ["iss"] = options.Value.AppId.ToString(CultureInfo.InvariantCulture),
        };
        var signed =
            Text("""{"alg":"RS256","typ":"JWT"}"""u8)
            + "."
            + Text(JsonSerializer.SerializeToUtf8Bytes(claims));
        try
        {
            using var key = RSA.Create();
            key.ImportFromPem(File.ReadAllText(options.Value.AppKeyFile));
            var signature = key.SignData(
                Encoding.ASCII.GetBytes(signed),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1
            );
            return new Credentials(signed + "." + Text(signature), AuthenticationType.Bearer);
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or ArgumentException
                        or CryptographicException
            )
        {
            // The key's own text is in none of these messages.
            throw new PullRequestHostException(
                PullRequestHostError.Unauthorised,
                $"The App's key {options.Value.AppKeyFile} cannot be used: {e.Message} Set GitHub:AppKeyFile to the PEM file that GitHub gave for the App.",
                e
            );
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) =>
        System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
