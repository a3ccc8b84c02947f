using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>People of Telegram: who was let in, by which codes, and which language they chose.</summary>
internal sealed partial class SqliteTelegram
{
    /// <inheritdoc />
    public Task AddCodeAsync(
        string hash,
        string role,
        DateTimeOffset expires,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            "INSERT INTO telegram_code (hash, role, expires) VALUES ($h, $r, $e)",
            ["$h", "$r", "$e"],
            cancellationToken,
            hash,
            role,
            expires.UtcTicks
        );

    /// <inheritdoc />
    public Task<string?> PairAsync(
        string hash,
        long user,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync<string?>(
            s =>
            {
                var find = s.Command(
                    "SELECT role FROM telegram_code WHERE hash = $h AND expires > $a",
                    "$h",
                    "$a"
                );
                find.Parameters[0].Value = hash;
                find.Parameters[1].Value = now.UtcTicks;
                if (find.ExecuteScalar() is not string role)
                {
                    return null;
                }
                s.Execute("DELETE FROM telegram_code WHERE hash = $h", ["$h"], hash);
                s.Execute(
                    "INSERT INTO telegram_person (user_id, role, at) VALUES ($u, $r, $a) ON CONFLICT (user_id) DO UPDATE SET role = excluded.role, at = excluded.at",
                    ["$u", "$r", "$a"],
                    user,
                    role,
                    now.UtcTicks
                );
                return role;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<ChatPerson>> ListPeopleAsync(CancellationToken cancellationToken) =>
        QueryAsync(
            "SELECT user_id, role, at FROM telegram_person ORDER BY user_id",
            row => new ChatPerson(
                row.GetInt64(0),
                row.GetString(1),
                new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)
            ),
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<bool> RemovePersonAsync(long user, CancellationToken cancellationToken) =>
        await store.WriteAsync(
            s => s.Execute("DELETE FROM telegram_person WHERE user_id = $u", ["$u"], user),
            cancellationToken
        ) > 0;

    /// <inheritdoc />
    public async Task<string?> FindLanguageAsync(long user, CancellationToken cancellationToken)
    {
        var chosen = await QueryAsync(
            "SELECT language FROM telegram_language WHERE user_id = $u",
            row => row.GetString(0),
            cancellationToken,
            ("$u", user)
        );
        return chosen is [var language, ..] ? language : null;
    }

    /// <inheritdoc />
    public Task ChooseLanguageAsync(
        long user,
        string language,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
            {
                s.Execute(
                    "INSERT INTO telegram_language (user_id, language) VALUES ($u, $l) ON CONFLICT (user_id) DO UPDATE SET language = excluded.language",
                    ["$u", "$l"],
                    user,
                    language
                );
                return s.Execute(
                    "UPDATE telegram_follower SET language = $l WHERE chat = $u",
                    ["$u", "$l"],
                    user,
                    language
                );
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<int> CountCodesAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        (
            await QueryAsync(
                "SELECT count(*) FROM telegram_code WHERE expires > $a",
                row => row.GetInt32(0),
                cancellationToken,
                ("$a", now.UtcTicks)
            )
        )[0];
}
