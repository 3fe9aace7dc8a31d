throw new Error(
  "@vestibule/client has no part for servers: the session is Python's, with `Auth(app)`. In the browser import " +
    '"@vestibule/client" or "@vestibule/client/react"; a page rendered by JavaScript on a server gets `initialAuth`.',
);

export {};
