using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>What the Telegram door remembers, on PostgreSQL.</summary>
internal sealed class PostgresTelegram(PostgresStore store) : ITelegramStore
{
    private const string KnowAndClear =
        "WITH known AS (INSERT INTO telegram_message (chat, message_id, task_id, at) SELECT $1, $2, $3, $4 WHERE $2 > 0 ON CONFLICT DO NOTHING), clear AS (DELETE FROM telegram_doubt WHERE chat = $1) ";

    /// <inheritdoc />
    public async Task<IReadOnlyList<long>> ListChatsDueAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            "SELECT chat FROM (SELECT substr(endpoint, 10)::bigint AS chat, min(due) AS due FROM webhook_out WHERE state = 0 AND due <= $1 AND endpoint LIKE 'telegram:%' GROUP BY endpoint UNION ALL SELECT chat, min(due) FROM telegram_card WHERE state = 0 AND wanted <> told AND due <= $1 GROUP BY chat) q GROUP BY chat ORDER BY min(due)",
            row => row.GetInt64(0),
            cancellationToken,
            now.UtcTicks
        );

    /// <inheritdoc />
    public Task WantCardAsync(
        long chat,
        string card,
        string taskId,
        string text,
        DateTimeOffset due,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "INSERT INTO telegram_card (chat, card, task_id, message_id, wanted, told, due, state, changed) VALUES ($1, $2, $3, 0, $4, '', $5, 0, $5) ON CONFLICT (chat, card) DO UPDATE SET wanted = excluded.wanted, changed = excluded.changed",
            cancellationToken,
            chat,
            card,
            taskId,
            Text(text),
            due.UtcTicks
        );

    /// <inheritdoc />
    public Task EndCardAsync(
        long chat,
        string card,
        string text,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "UPDATE telegram_card SET wanted = $3, changed = $4, state = CASE WHEN message_id = 0 AND NOT EXISTS (SELECT 1 FROM telegram_doubt x WHERE x.chat = $1 AND x.message = 'card:' || $2::text) THEN 1 ELSE state END WHERE chat = $1 AND card = $2::text",
            cancellationToken,
            chat,
            card,
            Text(text),
            at.UtcTicks
        );

    /// <inheritdoc />
    public async Task<ChatCardRow?> NextCardAsync(
        long chat,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        (
            await store.Source.ReadAsync(
                "SELECT chat, card, task_id, message_id, wanted, told FROM telegram_card WHERE chat = $1 AND state = 0 AND wanted <> told AND due <= $2 ORDER BY due LIMIT 1",
                row => new ChatCardRow(
                    row.GetInt64(0),
                    row.GetString(1),
                    row.GetString(2),
                    row.GetInt64(3),
                    row.GetString(4),
                    row.GetString(5)
                ),
                cancellationToken,
                chat,
                now.UtcTicks
            )
        ).FirstOrDefault();

    /// <inheritdoc />
    public Task ToldCardAsync(
        ChatCardRow card,
        long messageId,
        DateTimeOffset due,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            KnowAndClear
                + "UPDATE telegram_card SET told = $6, message_id = $2, due = $4 WHERE chat = $1 AND card = $5",
            cancellationToken,
            card.Chat,
            messageId,
            card.TaskId,
            due.UtcTicks,
            card.Card,
            Text(card.Wanted)
        );

    /// <inheritdoc />
    public Task GiveUpCardAsync(long chat, string card, CancellationToken cancellationToken) =>
        store.WriteAsync(
            "WITH clear AS (DELETE FROM telegram_doubt WHERE chat = $1) UPDATE telegram_card SET state = 1 WHERE chat = $1 AND card = $2",
            cancellationToken,
            chat,
            card
        );

    /// <inheritdoc />
    public Task DoubtAsync(ChatDoubt doubt, CancellationToken cancellationToken) =>
        store.WriteAsync(
            "INSERT INTO telegram_doubt (chat, message, floor) VALUES ($1, $2, $3) ON CONFLICT (chat) DO UPDATE SET message = excluded.message, floor = excluded.floor",
            cancellationToken,
            doubt.Chat,
            doubt.Message,
            doubt.Floor
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<ChatDoubt>> ListDoubtsAsync(
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            "SELECT chat, message, floor FROM telegram_doubt",
            row => new ChatDoubt(row.GetInt64(0), row.GetString(1), row.GetInt64(2)),
            cancellationToken
        );

    /// <inheritdoc />
    public Task ClearDoubtAsync(long chat, CancellationToken cancellationToken) =>
        store.WriteAsync("DELETE FROM telegram_doubt WHERE chat = $1", cancellationToken, chat);

    /// <inheritdoc />
    public Task SentAsync(ChatSent sent, CancellationToken cancellationToken) =>
        store.WriteAsync(
            KnowAndClear
                + "UPDATE webhook_out SET state = 1, tries = tries + 1, status = 200, words = $6, settled = $4 WHERE id = ANY($5) AND state = 0",
            cancellationToken,
            sent.Chat,
            sent.MessageId,
            sent.TaskId,
            sent.At.UtcTicks,
            sent.Outbox.ToArray(),
            Text(sent.Words)
        );

    /// <inheritdoc />
    public async Task<string?> FindTaskAsync(
        long chat,
        long messageId,
        CancellationToken cancellationToken
    ) =>
        (
            await store.Source.ReadAsync(
                "SELECT task_id FROM telegram_message WHERE chat = $1 AND message_id = $2 AND task_id <> ''",
                row => row.GetString(0),
                cancellationToken,
                chat,
                messageId
            )
        ).FirstOrDefault();

    /// <inheritdoc />
    public async Task<long> HighestMessageAsync(long chat, CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(
                chat <= TelegramNames.OwnCountBelow
                    ? "SELECT coalesce(max(message_id), 0) FROM telegram_message WHERE chat = $1"
                    : "SELECT coalesce(max(message_id), 0) FROM telegram_message WHERE chat > $1",
                row => row.GetInt64(0),
                cancellationToken,
                chat <= TelegramNames.OwnCountBelow ? chat : TelegramNames.OwnCountBelow
            )
        )[0];

    /// <inheritdoc />
    public Task FollowAsync(
        string taskId,
        ChatFollower follower,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "INSERT INTO telegram_follower (task_id, chat, language, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            cancellationToken,
            taskId,
            follower.Chat,
            follower.Language,
            at.UtcTicks
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<ChatFollower>> ListFollowersAsync(
        string taskId,
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
            "SELECT chat, language FROM telegram_follower WHERE task_id = $1 ORDER BY chat",
            row => new ChatFollower(row.GetInt64(0), row.GetString(1)),
            cancellationToken,
            taskId
        );

    /// <inheritdoc />
    public Task AddCodeAsync(
        string hash,
        string role,
        DateTimeOffset expires,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "INSERT INTO telegram_code (hash, role, expires) VALUES ($1, $2, $3)",
            cancellationToken,
            hash,
            role,
            expires.UtcTicks
        );

    /// <inheritdoc />
    public async Task<string?> PairAsync(
        string hash,
        long user,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await store.WriteAsync(
            "WITH used AS (DELETE FROM telegram_code WHERE hash = $1 AND expires > $3 RETURNING role) INSERT INTO telegram_person (user_id, role, at) SELECT $2, role, $3 FROM used ON CONFLICT (user_id) DO UPDATE SET role = excluded.role, at = excluded.at",
            cancellationToken,
            hash,
            user,
            now.UtcTicks
        ) == 0
            ? null
            : (await ListPeopleAsync(cancellationToken)).First(p => p.User == user).Role;

    /// <inheritdoc />
    public async Task<IReadOnlyList<ChatPerson>> ListPeopleAsync(
        CancellationToken cancellationToken
    ) =>
        await store.Source.ReadAsync(
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
            "DELETE FROM telegram_person WHERE user_id = $1",
            cancellationToken,
            user
        ) > 0;

    /// <inheritdoc />
    public async Task<string?> FindLanguageAsync(long user, CancellationToken cancellationToken) =>
        (
            await store.Source.ReadAsync(
                "SELECT language FROM telegram_language WHERE user_id = $1",
                row => row.GetString(0),
                cancellationToken,
                user
            )
        ).FirstOrDefault();

    /// <inheritdoc />
    public Task ChooseLanguageAsync(
        long user,
        string language,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "WITH chosen AS (INSERT INTO telegram_language (user_id, language) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET language = excluded.language) UPDATE telegram_follower SET language = $2 WHERE chat = $1",
            cancellationToken,
            user,
            language
        );

    /// <inheritdoc />
    public async Task<int> CountCodesAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        (
            await store.Source.ReadAsync(
                "SELECT count(*)::integer FROM telegram_code WHERE expires > $1",
                row => row.GetInt32(0),
                cancellationToken,
                now.UtcTicks
            )
        )[0];

    /// <inheritdoc />
    public Task TrimAsync(
        DateTimeOffset before,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            "WITH m AS (DELETE FROM telegram_message WHERE at < $1), f AS (DELETE FROM telegram_follower WHERE at < $1), c AS (DELETE FROM telegram_card WHERE changed < $1) DELETE FROM telegram_code WHERE expires < $2",
            cancellationToken,
            before.UtcTicks,
            now.UtcTicks
        );

    // The one character that a text of PostgreSQL cannot hold.
    private static string Text(string text) =>
        text.Replace("\0", "\uFFFD", StringComparison.Ordinal);
}
