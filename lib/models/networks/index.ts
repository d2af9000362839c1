/** Classic networks, ready to train. */
export * from './bi-real-resnet18';
export * from './binary-lenet';
export type { NetworkForm } from './blocks';
export * from './cnn';
export * from './lenet';
export * from './mlp';
export * from './mobilenet';
export * from './quicknet';
export * from './resnet';
export * from './squeezenet';
export * from './vgg';
