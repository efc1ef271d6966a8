# PostgreSQL from Debian's package, set up by the environment variables of the official image.
FROM dongsheng-postgres-root
COPY deploy/offline/postgres-entrypoint.sh /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["sh", "/usr/local/bin/postgres-entrypoint.sh"]
CMD ["postgres"]
